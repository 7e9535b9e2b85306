//! The paths of a log's resources, below its prefix.
//!
//! Source: <https://c2sp.org/tlog-tiles>, "APIs".

use std::{fmt, str::FromStr};

use crate::{TILE_WIDTH, TileId};

/// Tile levels end here: above, a tree would have more entries than `u64` counts.
const LEVEL_MAX: u8 = 7;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// `checkpoint`: the latest one.
    Checkpoint,
    /// `tile/<L>/<N>[.p/<W>]`: hashes.
    Tile {
        /// Which tile.
        id: TileId,
        /// How many of its hashes: 1 to 256.
        width: u16,
    },
    /// `tile/entries/<N>[.p/<W>]`: entries.
    Entries {
        /// Which bundle.
        number: u64,
        /// How many of its entries: 1 to 256.
        width: u16,
    },
}

/// A path at which a log has nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path of a log")]
pub struct PathError(String);

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, width) = match self {
            Self::Checkpoint => return f.write_str("checkpoint"),
            Self::Tile { id, width } => {
                write!(f, "tile/{}/", id.level)?;
                (id.number, *width)
            }
            Self::Entries { number, width } => {
                f.write_str("tile/entries/")?;
                (*number, *width)
            }
        };
        let mut groups = Vec::new();
        let mut rest = number;
        loop {
            groups.push(rest % 1000);
            rest /= 1000;
            if rest == 0 {
                break;
            }
        }
        while groups.len() > 1 {
            write!(f, "x{:03}/", groups.pop().unwrap_or_default())?;
        }
        write!(f, "{:03}", groups[0])?;
        if u64::from(width) < TILE_WIDTH { write!(f, ".p/{width}") } else { Ok(()) }
    }
}

impl FromStr for Resource {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        let read = || -> Option<Self> {
            if path == "checkpoint" {
                return Some(Self::Checkpoint);
            }
            let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
            let (number, width) = match rest.split_once(".p/") {
                Some((number, width)) => (number, width.parse().ok()?),
                None => (rest, TILE_WIDTH as u16),
            };
            let mut value = 0u64;
            for group in number.split('/') {
                let digits = group.trim_start_matches('x').parse::<u64>().ok()?;
                value = value.checked_mul(1000)?.checked_add(digits)?;
            }
            if width == 0 || u64::from(width) > TILE_WIDTH {
                return None;
            }
            if level == "entries" {
                return Some(Self::Entries { number: value, width });
            }
            let level = level.parse().ok().filter(|level| *level <= LEVEL_MAX)?;
            Some(Self::Tile { id: TileId { level, number: value }, width })
        };
        // Each resource has one path alone: what would be written otherwise is refused.
        let found = read().filter(|resource| resource.to_string() == path);
        found.ok_or_else(|| PathError(path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_back_and_each_resource_has_one() {
        for path in [
            "checkpoint",
            "tile/0/000",
            "tile/0/000.p/1",
            "tile/1/x001/x234/067.p/255",
            "tile/entries/x273/112",
            "tile/7/000",
        ] {
            let resource: Resource = path.parse().expect(path);
            assert_eq!(resource.to_string(), path);
        }
        for path in [
            "",
            "tile",
            "tile/0",
            "tile/0/0",
            "tile/0/1000",
            "tile/8/000",
            "tile/00/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/x000/000",
            "tile/0/001/234",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
            "tile/data/000",
            "../checkpoint",
        ] {
            assert!(path.parse::<Resource>().is_err(), "{path}");
        }
    }
}
