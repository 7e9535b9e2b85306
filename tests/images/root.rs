//! The root file system of an image, put together in a folder.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What an image may cost whoever pulls it, as registries count: compressed.
pub const IMAGE_KIB_MAX: u64 = 25 * 1024;
/// The compressed layers below ours, rounded up: a C library, time zones, certificate authorities.
const BASE_KIB: u64 = 10 * 1024;

/// The shared libraries that the base of the images has and a program may therefore need.
const LIBRARIES: [&str; 9] = [
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libstdc++.so.6",
];
/// Where the base keeps certificate authorities.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where the base keeps time zones, without which no schedule is read.
const ZONES: &str = "/usr/share/zoneinfo";

/// A root file system in which one function can run.
pub struct RootFolder {
    /// Where it is.
    pub path: PathBuf,
}

impl RootFolder {
    /// Puts together what the image of a program holds, without its debug symbols.
    pub fn assemble(path: &Path, program: &Path) -> Self {
        for library in libraries(program) {
            let name = library.file_name().and_then(|name| name.to_str()).expect("a name");
            assert!(LIBRARIES.contains(&name), "no image has `{name}`, which `{program:?}` needs");
            copy(&library, path, &library);
        }
        copy(Path::new(AUTHORITIES), path, Path::new(AUTHORITIES));
        let zones = path.join("usr/share");
        fs::create_dir_all(&zones).expect("a folder");
        let copied = Command::new("cp").arg("-rL").arg(ZONES).arg(&zones).status();
        assert!(copied.expect("`cp` runs").success(), "cannot copy `{ZONES}`");
        let passwd = "root:x:0:0:root:/root:/sbin/nologin\n\
                      nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n";
        fs::write(path.join("etc/passwd"), passwd).expect("a file");
        let own = path.join("function");
        let strip = Command::new("strip").arg("-o").arg(&own).arg(program).status();
        assert!(strip.expect("`strip` runs").success(), "cannot strip `{}`", program.display());
        fs::set_permissions(&own, fs::Permissions::from_mode(0o555)).expect("its mode");
        Self { path: path.to_owned() }
    }

    /// Returns what the image costs whoever has none of its layers yet.
    pub fn image_kib(&self) -> u64 {
        let mut gzip = Command::new("gzip");
        let output = gzip.arg("-c").arg(self.path.join("function")).output().expect("`gzip` runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        BASE_KIB + (output.stdout.len() as u64).div_ceil(1024)
    }
}

/// Asks the loader which shared libraries a program needs, itself included.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(program).stdin(Stdio::null()).output().expect("`ldd`");
    assert!(output.status.success(), "`{}` is not built", program.display());
    let text = String::from_utf8(output.stdout).expect("text");
    let paths = text.split_whitespace().filter(|word| word.starts_with('/'));
    paths.map(PathBuf::from).collect()
}

/// Copies a file to a place below a root, which anybody may read there.
fn copy(from: &Path, root: &Path, to: &Path) {
    let to = root.join(to.strip_prefix("/").expect("an absolute path"));
    fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    fs::copy(from, &to).unwrap_or_else(|error| panic!("cannot copy `{}`: {error}", from.display()));
    fs::set_permissions(&to, fs::Permissions::from_mode(0o555)).expect("its mode");
}
