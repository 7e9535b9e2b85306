//! Text that others wrote, in a page.

use std::fmt::{self, Write};

/// Shows a text so that nothing of it is markup, between tags and in quoted attributes.
///
/// Control characters, which no page may have, are shown as U+FFFD.
pub(super) struct Text<'a>(pub &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                '\n' | '\t' => formatter.write_char(letter)?,
                _ if letter.is_control() || is_noncharacter(letter) => {
                    formatter.write_char(char::REPLACEMENT_CHARACTER)?;
                }
                _ => formatter.write_char(letter)?,
            }
        }
        Ok(())
    }
}

fn is_noncharacter(letter: char) -> bool {
    let code = u32::from(letter);
    (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_others_wrote_is_markup() {
        let text = Text("<b a='1' c=\"2\">&amp;\u{0}\u{ffff}\r\n").to_string();
        let expected = "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;\u{fffd}\u{fffd}\u{fffd}\n";
        assert_eq!(text, expected);
    }
}
