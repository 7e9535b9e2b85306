//! What is served, ready to be sent.

use std::{collections::HashMap, sync::Arc};

use axum::http::{HeaderName, HeaderValue};
use function::{Environment, Mesh};

use crate::{config::Config, embedded::FILES, file::File, headers, topology::topology};

/// What stands in the page's place when it was not built.
const UNBUILT: &str = "The page is not in this program: it was not built before.\n\n\
    cd functions/dashboard/web && npm ci && npm run build\ncargo build --package dashboard\n";

/// Everything that is served, ready to be sent.
#[derive(Clone, Debug)]
pub struct Context(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    files: HashMap<&'static str, File>,
    /// For every address that is no file: the page finds its way itself.
    index: File,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Context {
    /// Makes everything that is served; nothing is connected.
    ///
    /// # Errors
    /// What is missing in the environment, or wrong with a manifest.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let config = Config::read(mesh, environment)?;
        let headers = headers::of(&config)?;
        let mistake = |error: serde_json::Error| vec![error.to_string()];
        let mut files: HashMap<_, _> =
            FILES.iter().map(|file| (file.path, File::embedded(file))).collect();
        let made = [
            ("config.json", serde_json::to_vec(&config).map_err(mistake)?),
            ("topology.json", serde_json::to_vec(&topology()?).map_err(mistake)?),
        ];
        files.extend(made.map(|(path, text)| (path, File::made(text, "application/json"))));
        let index = files.remove("index.html");
        let index =
            index.unwrap_or_else(|| File::made(UNBUILT.into(), "text/plain; charset=utf-8"));
        Ok(Self(Arc::new(Parts { files, index, headers })))
    }

    /// Returns the file at a path below the page's root.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.0.files.get(path)
    }

    /// Returns the page itself.
    pub(crate) fn index(&self) -> &File {
        &self.0.index
    }

    /// Returns what every answer has.
    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }
}
