//! Benchmarks and frameworks: the same verdicts in the order and numbers of others.
//!
//! Every row of a benchmark is always there: one that no asset concerns says so, and one
//! that nothing in the estate decides says what a person has to look at.

mod judge;

use std::{collections::BTreeSet, sync::LazyLock};

pub use judge::{Judged, Table, tables};
use serde::Deserialize;

use crate::control::Mappings;

/// The recommendations of a publisher.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// The framework whose numbers these are.
    pub id: Framework,
    /// The publisher's name of it, with the version.
    pub title: String,
    /// Every recommendation, in the publisher's order.
    pub rows: Vec<Recommendation>,
}

/// One recommendation of a benchmark.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// The publisher's number.
    pub number: String,
    /// What it comes to, in our words.
    pub title: String,
    /// The controls that decide it.
    #[serde(default)]
    pub controls: BTreeSet<String>,
    /// Whether only people can decide it.
    #[serde(default)]
    pub manual: bool,
    /// The types of the assets that it is about; none when it is about the organization.
    pub asset_types: BTreeSet<String>,
}

/// Something published that controls are mapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framework {
    /// CIS Google Cloud Platform Foundation Benchmark, version 4.
    CisGcpV4,
    /// CIS Google Cloud Platform Foundation Benchmark, version 5.
    CisGcpV5,
    /// ISO/IEC 27001:2022, annex A.
    #[serde(rename = "iso27001_2022")]
    Iso27001,
    /// SOC 2, common criteria.
    Soc2,
}

impl Framework {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::CisGcpV4, Self::CisGcpV5, Self::Iso27001, Self::Soc2];

    /// Returns the name that files and other programs use.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::CisGcpV4 => "cis_gcp_v4",
            Self::CisGcpV5 => "cis_gcp_v5",
            Self::Iso27001 => "iso27001_2022",
            Self::Soc2 => "soc2",
        }
    }

    /// Returns the name that people use.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::CisGcpV4 => "CIS GCP Foundation v4",
            Self::CisGcpV5 => "CIS GCP Foundation v5",
            Self::Iso27001 => "ISO/IEC 27001:2022",
            Self::Soc2 => "SOC 2",
        }
    }

    /// Returns the numbers that a control has there.
    #[must_use]
    pub fn numbers(self, mappings: &Mappings) -> &[String] {
        match self {
            Self::CisGcpV4 => &mappings.cis_gcp_v4,
            Self::CisGcpV5 => &mappings.cis_gcp_v5,
            Self::Iso27001 => &mappings.iso27001_2022,
            Self::Soc2 => &mappings.soc2,
        }
    }
}

/// Those that the engine comes with, in JSON.
const EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/benchmarks.json"));

impl Benchmark {
    /// Returns the benchmarks that the engine comes with.
    ///
    /// # Panics
    /// When one of them is broken, which tests rule out.
    #[must_use]
    pub fn embedded() -> &'static [Self] {
        static ALL: LazyLock<Vec<Benchmark>> = LazyLock::new(|| {
            serde_json::from_str(EMBEDDED).expect("embedded benchmarks have the right shape")
        });
        &ALL
    }
}
