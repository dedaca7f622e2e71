//! A real, throw-away `PostgreSQL` for the tests: started once in this process, gone when the process is gone.
//!
//! It listens only on a socket in its own temporary directory. A watching shell holds the other end of a pipe from this
//! process: when the pipe closes, for whatever reason, the shell stops the server and removes the directory.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// A server that is up.
pub struct Postgres {
    directory: PathBuf,
    /// Its standard input is the pipe; never written to, closed by the end of this process.
    _watcher: Child,
}

static SERVER: LazyLock<Postgres> = LazyLock::new(Postgres::start);

/// The address of a database schema of the server, empty when it is new. Each test takes a name of its own.
pub fn url(schema: &str) -> String {
    let server = &*SERVER;
    format!("postgresql://hub@/postgres?host={}&options=-csearch_path%3D{schema}", server.directory.display())
}

/// Runs SQL with the server's own client and gives what it prints, unaligned and without heads.
pub fn psql(sql: &str) -> String {
    let server = &*SERVER;
    let mut command = Command::new(binaries().join("psql"));
    command.arg("-h").arg(&server.directory).args([
        "-U",
        "hub",
        "-d",
        "postgres",
        "-v",
        "ON_ERROR_STOP=1",
        "-qAt",
    ]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Postgres {
    fn start() -> Self {
        let bin = binaries();
        let directory = tempfile::Builder::new().prefix("hub-pg-").tempdir().unwrap().keep();
        let root = is_root();
        if root {
            run(Command::new("chown").arg("postgres").arg(&directory));
        }
        run(Command::new("chmod").arg("700").arg(&directory));
        let data = directory.join("data");
        run(as_server_user(root, &bin.join("initdb")).arg("-D").arg(&data).args([
            "-A",
            "trust",
            "-U",
            "hub",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]));
        // These tests ask whether queries are right; what survives a power cut is measured elsewhere, hence fsync off.
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off -c max_connections=200",
            directory.display()
        );
        // The watcher comes first: when starting fails, it cleans up as well.
        let watcher = watch(root, &bin, &directory);
        run(as_server_user(root, &bin.join("pg_ctl"))
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(directory.join("log"))
            .args(["-w", "-t", "60", "-o", &options, "start"]));
        Self { directory, _watcher: watcher }
    }
}

/// Waits for the end of this process, then stops the server. Signals meant for the test run do not reach it.
fn watch(root: bool, bin: &Path, directory: &Path) -> Child {
    let drop_rights = if root { SETPRIV } else { "" };
    let script = format!(
        "trap '' INT TERM HUP; cat >/dev/null; {drop_rights} {bin}/pg_ctl -D {dir}/data -m immediate -w stop; rm -rf {dir}",
        bin = bin.display(),
        dir = directory.display()
    );
    Command::new("sh")
        .args(["-c", &script])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// `PostgreSQL` refuses to run as root.
const SETPRIV: &str = "setpriv --reuid=postgres --regid=postgres --clear-groups --reset-env";

fn as_server_user(root: bool, program: &Path) -> Command {
    let mut command = if root {
        let mut words = SETPRIV.split(' ');
        let mut command = Command::new(words.next().unwrap());
        command.args(words).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// Where the server's programs are; the newest version when there are several.
fn binaries() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            path.join("bin/initdb").exists().then(|| (version, path.join("bin")))
        })
        .collect();
    found.sort();
    let Some((_, bin)) = found.pop() else {
        panic!("PostgreSQL is needed for the tests and was not found; run `make setup`");
    };
    bin
}

fn run(command: &mut Command) {
    // The server inherits the standard streams; a pipe would keep this process waiting for its end.
    let log = tempfile::tempfile().unwrap();
    let status = command
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log.try_clone().unwrap())
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    if !status.success() {
        use std::io::{Read, Seek};
        let (mut log, mut said) = (log, String::new());
        log.rewind().unwrap();
        log.read_to_string(&mut said).unwrap();
        panic!("{command:?} failed:\n{said}");
    }
}
