//! Values that no log and no error may show.

use std::fmt;

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The secret of an invitation's link: 256 random bits as URL-safe Base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct InvitationSecret(
    /// Longer than any secret that was ever given out.
    #[garde(length(bytes, min = 1, max = 200))]
    String,
);

/// A password that a person chooses.
///
/// At least 12 characters, because it is the only factor for who has no second one; at
/// most 128, because hashing a longer one costs and adds nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct Password(#[garde(length(chars, min = 12, max = 128))] String);

macro_rules! hidden {
    ($name:ident) => {
        impl $name {
            /// Wraps the text.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the text, for the one place that needs it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
}

hidden!(InvitationSecret);
hidden!(Password);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let shown = format!("{:?} {:?}", InvitationSecret::new("canary"), Password::new("canary"));
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_password_has_a_length() {
        for (length, good) in [(11, false), (12, true), (128, true), (129, false)] {
            assert_eq!(Password::new("é".repeat(length)).validate().is_ok(), good, "{length}");
        }
    }
}
