//! The files of the page, as they were built.

/// A file that the program holds, plain and packed.
#[derive(Clone, Copy)]
pub(crate) struct Embedded {
    /// Its path below the page's root, such as `assets/index-B3x.js`.
    pub(crate) path: &'static str,
    /// The beginning of its SHA-256, in hexadecimal.
    pub(crate) digest: &'static str,
    pub(crate) plain: &'static [u8],
    pub(crate) br: Option<&'static [u8]>,
    pub(crate) gzip: Option<&'static [u8]>,
}

/// Every file; none when the page was not built before the program.
pub(crate) const FILES: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

impl Embedded {
    /// Returns what kind of file it is, by its name.
    pub(crate) fn content_type(&self) -> &'static str {
        match self.path.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "woff2" => "font/woff2",
            "json" => "application/json",
            "png" => "image/png",
            _ => "application/octet-stream",
        }
    }

    /// Tells whether its name changes with what is in it.
    pub(crate) fn is_hashed(&self) -> bool {
        self.path.starts_with("assets/")
    }
}
