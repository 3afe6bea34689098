//! Several processes and sudden death: this test program starts itself again in a role and kills what it started.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use chasqui_store::{Batch, Holder, Namespace, SessionStore, StoreError, open_store};

const ROLE: &str = "CHASQUI_STORE_TEST_ROLE";
const FILE: &str = "CHASQUI_STORE_TEST_FILE";

async fn open(path: &Path, session: &str) -> Result<Arc<dyn SessionStore>, StoreError> {
    open_store(&format!("sqlite:{}", path.display()))?.open(session, Holder::current()).await
}

fn numbered(n: u32) -> Batch {
    let mut batch = Batch::new();
    batch.put(Namespace::Meta, "last", n.to_be_bytes());
    for part in 0..3_u8 {
        let key = [&n.to_be_bytes()[..], &[part]].concat();
        batch.put(Namespace::Archive, key, vec![n as u8; 100 * usize::from(part)]);
    }
    batch
}

/// Checks that the session holds the batches 0 to n, each whole, and nothing else; gives n + 1.
async fn count_whole_batches(session: &dyn SessionStore) -> u32 {
    let last = session.scan(Namespace::Meta, None, 10).await.unwrap();
    let count = last.first().map_or(0, |(_, n)| u32::from_be_bytes(n[..].try_into().unwrap()) + 1);
    let records = session.scan(Namespace::Archive, None, usize::MAX).await.unwrap();
    assert_eq!(records.len(), 3 * count as usize);
    for (index, (key, value)) in records.iter().enumerate() {
        let (n, part) = (index as u32 / 3, index % 3);
        assert_eq!(key[..], [&n.to_be_bytes()[..], &[part as u8]].concat());
        assert_eq!(*value, vec![n as u8; 100 * part]);
    }
    count
}

/// Writes numbered batches to session "a" until its end, ten on the way at a time; tells each number once it is durable.
async fn write_numbers(path: &Path, until: u32, mut told: impl Write) {
    let session = open(path, "a").await.unwrap();
    let mut next = count_whole_batches(&*session).await;
    writeln!(told, "\nopen").unwrap();
    let mut commits = std::collections::VecDeque::new();
    while next < until || !commits.is_empty() {
        while commits.len() < 10 && next < until {
            commits.push_back((next, session.apply(numbered(next))));
            next += 1;
        }
        if let Some((n, commit)) = commits.pop_front() {
            commit.await.unwrap();
            writeln!(told, "durable {n}").unwrap();
        }
    }
}

/// Writes fifty batches to each of ten sessions, each batch awaited.
async fn write_ten_sessions(path: &Path) {
    let mut tasks = Vec::new();
    for n in 0..10 {
        let session = open(path, &format!("{}-{n}", std::process::id())).await.unwrap();
        tasks.push(tokio::spawn(async move {
            for n in 0..50 {
                session.apply(numbered(n)).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn numbered_batches_arrive_whole() {
    match (std::env::var(ROLE).as_deref(), std::env::var_os(FILE)) {
        (Ok("numbers"), Some(file)) => write_numbers(Path::new(&file), u32::MAX, std::io::stdout()).await,
        (Ok("ten sessions"), Some(file)) => write_ten_sessions(Path::new(&file)).await,
        _ => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.db");
            write_numbers(&path, 25, std::io::sink()).await;
            assert_eq!(count_whole_batches(&*open(&path, "a").await.unwrap()).await, 25);
        }
    }
}

/// A process in a role. Killed when dropped.
struct Player {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Player {
    fn start(role: &str, path: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "numbered_batches_arrive_whole", "--nocapture"])
            .env(ROLE, role)
            .env(FILE, path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn wait_for(&mut self, line: &str) {
        assert!(self.lines.by_ref().any(|l| l.unwrap() == line), "the child never said {line:?}");
    }

    /// Kills it (SIGKILL) and gives the last number that it told to be durable.
    fn kill(mut self) -> Option<u32> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        // The very last line may be cut off.
        let told = self.lines.by_ref().map_while(Result::ok);
        told.filter_map(|line| line.strip_prefix("durable ")?.parse().ok()).last()
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_killed_process_leaves_whole_batches_and_every_durable_one_and_frees_its_session_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut count = 0;
    for round in 1..=6 {
        let mut player = Player::start("numbers", &path);
        player.wait_for("open");
        player.wait_for(&format!("durable {}", count + 150 * round));
        match open(&path, "a").await.map(drop) {
            Err(StoreError::Held { pid, .. }) => assert_eq!(pid, player.child.id()),
            other => panic!("{other:?}"),
        }
        let durable = player.kill().unwrap_or_default();
        let session = open(&path, "a").await.expect("the dead hold nothing");
        let found = count_whole_batches(&*session).await;
        assert!(found > durable && found > count + 150 * round, "{found} of {durable}");
        session.close().await.unwrap();
        count = found;
    }
    // Nothing of the dead is left but what the living use.
    let locks = || {
        let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".lock")).count()
    };
    let session = open(&path, "a").await.unwrap();
    assert_eq!(locks(), 1);
    drop(session);
}

#[tokio::test]
async fn a_hundred_writers_in_ten_processes_never_find_the_file_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    // They also create the file in a race.
    let mut players: Vec<_> = (0..10).map(|_| Player::start("ten sessions", &path)).collect();
    for player in &mut players {
        let output: Vec<_> = player.lines.by_ref().map_while(Result::ok).collect();
        assert!(player.child.wait().unwrap().success(), "{output:?}");
    }
    let store = open_store(&format!("sqlite:{}", path.display())).unwrap();
    let sessions = store.sessions().await.unwrap();
    assert_eq!(sessions.len(), 100);
    for name in sessions {
        let session = store.open(&name, Holder::current()).await.unwrap();
        assert_eq!(count_whole_batches(&*session).await, 50);
    }
}
