//! All controls of an audit.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
    sync::LazyLock,
};

use super::{Control, ControlError, error::Wrong, file::ControlFile};

/// Controls by their ids, and by the asset types they look at.
#[derive(Debug, Default)]
pub struct ControlSet {
    controls: BTreeMap<String, Control>,
    by_type: HashMap<String, Vec<String>>,
}

/// Those that the engine comes with, in JSON.
const EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/controls.json"));

impl ControlSet {
    /// Returns the controls that the engine comes with.
    ///
    /// # Panics
    /// When one of them is broken, which tests rule out.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static SET: LazyLock<ControlSet> = LazyLock::new(ControlSet::built_in);
        &SET
    }

    /// Makes a set of the controls that the engine comes with.
    ///
    /// # Panics
    /// As [`ControlSet::embedded`].
    #[must_use]
    pub fn built_in() -> Self {
        let files: Vec<ControlFile> =
            serde_json::from_str(EMBEDDED).expect("embedded controls have the right shape");
        let mut set = Self::default();
        for file in files {
            set.add(file.compile().expect("embedded controls compile"));
        }
        set
    }

    /// Adds the controls of a folder; those that are broken are left out and returned. A
    /// control replaces the one with its id.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn extend(&mut self, folder: &Path) -> Result<Vec<ControlError>, ControlError> {
        let unlisted = |error: std::io::Error| ControlError {
            file: folder.display().to_string(),
            wrong: Wrong::Unreadable(error),
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(unlisted)? {
            paths.push(entry.map_err(unlisted)?.path());
        }
        paths.sort();
        let mut broken = Vec::new();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
            match read(path) {
                Ok(control) => self.add(control),
                Err(wrong) => broken.push(ControlError { file: path.display().to_string(), wrong }),
            }
        }
        Ok(broken)
    }

    fn add(&mut self, control: Control) {
        for ids in self.by_type.values_mut() {
            ids.retain(|id| *id != control.id);
        }
        for asset_type in &control.asset_types {
            let ids = self.by_type.entry(asset_type.clone()).or_default();
            ids.push(control.id.clone());
            ids.sort();
        }
        self.controls.insert(control.id.clone(), control);
    }

    /// Returns a control.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Control> {
        self.controls.get(id)
    }

    /// Returns every control, in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = &Control> {
        self.controls.values()
    }

    /// Returns the controls that look at assets of a type, in the order of ids.
    pub fn of_type(&self, asset_type: &str) -> impl Iterator<Item = &Control> {
        let ids = self.by_type.get(asset_type).map_or(&[][..], Vec::as_slice);
        ids.iter().filter_map(|id| self.controls.get(id))
    }

    /// Returns the types of assets that some control is joined with.
    #[must_use]
    pub fn joined_types(&self) -> BTreeSet<&str> {
        self.iter().flat_map(Control::joined_types).collect()
    }

    /// Returns the controls that are joined with assets of a type, in the order of ids.
    pub fn joined_with(&self, asset_type: &str) -> impl Iterator<Item = &Control> {
        self.iter().filter(move |control| control.joined_types().any(|kind| kind == asset_type))
    }
}

/// Reads the control of a file, whose name is its id.
fn read(path: &Path) -> Result<Control, Wrong> {
    let file = ControlFile::parse(&fs::read_to_string(path)?)?;
    if path.file_stem().is_none_or(|stem| stem != file.id.as_str()) {
        let reason = format!("`{}` is not the name of the file", file.id);
        return Err(Wrong::Field { field: "id", reason });
    }
    file.compile()
}
