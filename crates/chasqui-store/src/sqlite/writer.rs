//! The writer: the one thread of a process that writes a file.
//!
//! It takes what is queued, whole sessions mixed, and commits it as one transaction: under load thousands of batches
//! share one sync, when idle a batch goes alone and at once. If the transaction fails, nothing of it is applied and
//! every job in it fails.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use chasqui_archive as archive;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::claim::{self, Claim};
use super::lease::{self, Held, Life};
use super::queue::{Apply, Group, Job, Opening, Queue};
use super::reader::Reading;
use super::session::{Core, Lease};
use super::{Place, inspect, schema};
use crate::{Batch, Holder, Op, StoreError};

/// With neighbours in the file: work this long ...
const SHIFT: Duration = Duration::from_millis(10);
/// ... then leave the write lock alone for longer than a neighbour's nap.
const PAUSE: Duration = Duration::from_micros(1500);

/// Starts the writer's thread. It joins the readers before it closes the file, so that SQLite can fold the log back.
pub(super) fn start(place: Arc<Place>, queue: Arc<Queue>, reading: Arc<Reading>) -> Result<JoinHandle<()>, StoreError> {
    /// Fails what waits, however the thread ends.
    struct Ended(Arc<Queue>);
    impl Drop for Ended {
        fn drop(&mut self) {
            self.0.ended();
        }
    }
    let run = move || {
        let _ended = Ended(queue.clone());
        let mut writer = Writer::new(place, queue);
        writer.run();
        reading.join();
        writer.end();
    };
    std::thread::Builder::new().name("chasqui-write".to_owned()).spawn(run).map_err(StoreError::failed)
}

struct Writer {
    place: Arc<Place>,
    queue: Arc<Queue>,
    connection: Option<Connection>,
    /// Whether a commit on that connection waits for the disk.
    waits_for_disk: bool,
    holders: Vec<Held>,
    /// The sessions whose lease this process believes to have.
    open: HashMap<i64, Arc<Core>>,
    next_beat: Instant,
    /// Other processes use the file.
    neighbours: bool,
    /// When the write lock was last left alone.
    rested: Instant,
    /// There was something to write since the last sign of life.
    worked: bool,
}

/// What a job came to inside the transaction; valid once that is committed.
enum Outcome {
    Applied(Result<(), StoreError>),
    Opened(Result<Opened, StoreError>),
    /// Released or withdrawn.
    Done,
    Names(Vec<String>),
    Archive(Result<(), StoreError>),
}

/// As [`Opening`], inside the transaction.
enum Opened {
    Open(Arc<Core>),
    Asked(i64, StoreError),
}

/// What a transaction changes in the writer itself, once committed.
#[derive(Default)]
struct Changes {
    open: HashMap<i64, Option<Arc<Core>>>,
    lost: Vec<Arc<Core>>,
    wanted: Vec<Arc<Core>>,
    /// Whether a handle's token was found to be good in this transaction.
    fenced: HashMap<(i64, i64), bool>,
    neighbours: bool,
}

impl Writer {
    fn new(place: Arc<Place>, queue: Arc<Queue>) -> Self {
        let now = Instant::now();
        Self {
            place,
            queue,
            connection: None,
            waits_for_disk: false,
            holders: Vec::new(),
            open: HashMap::new(),
            next_beat: now,
            neighbours: false,
            rested: now,
            worked: false,
        }
    }

    fn run(&mut self) {
        loop {
            let patience = (!self.open.is_empty()).then(|| self.next_beat.saturating_duration_since(Instant::now()));
            let taken = Instant::now();
            let Some(mut group) = self.queue.take(patience) else { return };
            if taken.elapsed() > PAUSE {
                self.rested = Instant::now();
            }
            let beats = !self.open.is_empty() && self.next_beat <= Instant::now();
            self.worked |= !group.jobs.is_empty();
            if !group.jobs.is_empty() || beats {
                self.work(&mut group, beats);
            }
            if beats && !std::mem::take(&mut self.worked) {
                self.rest();
            }
            if self.neighbours && self.rested.elapsed() > SHIFT {
                sleep(PAUSE);
                self.rested = Instant::now();
            }
        }
    }

    /// There may be nothing to write for long.
    fn rest(&mut self) {
        if let Some(connection) = &self.connection {
            // What it keeps of the file is most of what a session that is idle takes.
            let _ = connection.execute_batch("PRAGMA shrink_memory");
        }
    }

    fn work(&mut self, group: &mut Group, beats: bool) {
        let result = self.transact(&group.jobs, beats);
        if beats || result.is_err() {
            // After a failure soon again: the lease must not run out over one bad moment.
            let wait = if result.is_ok() { self.place.options.heartbeat } else { self.place.options.heartbeat / 5 };
            self.next_beat = Instant::now() + wait;
        }
        let jobs = std::mem::take(&mut group.jobs);
        let count = jobs.len();
        match result {
            Ok((outcomes, changes)) => {
                self.adopt(changes);
                for (job, outcome) in jobs.into_iter().zip(outcomes) {
                    self.answer(job, outcome);
                }
            }
            Err(error) => jobs.into_iter().for_each(|job| fail(job, &error)),
        }
        self.queue.give_back(count, group);
    }

    /// All jobs in one transaction. Nothing has happened if it fails.
    fn transact(&mut self, jobs: &[Job], beats: bool) -> Result<(Vec<Outcome>, Changes), StoreError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                self.waits_for_disk = self.place.options.full_sync;
                self.connect()?
            }
        };
        // Leases alone need not outlive the machine: after its next start their holders are dead. Other processes see them
        // at once.
        let wait = self.place.options.full_sync && jobs.iter().any(|job| matches!(job, Job::Apply(_)));
        let result = schema::patiently(|| {
            if wait != self.waits_for_disk {
                schema::wait_for_disk(&connection, wait)?;
                self.waits_for_disk = wait;
            }
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut changes = Changes::default();
            if beats {
                self.beat(&tx, &mut changes)?;
            }
            let mut outcomes = Vec::with_capacity(jobs.len());
            for job in jobs {
                outcomes.push(self.execute(&tx, job, &mut changes)?);
            }
            let (neighbours, claims) = lease::neighbours(&tx, self.holders.len())?;
            // A claimant looks again and again, and must not be kept from the file meanwhile.
            changes.neighbours = neighbours || claims;
            if claims {
                changes.wanted = self.wanted(&tx, &changes)?;
            }
            tx.commit()?;
            Ok((outcomes, changes))
        });
        self.connection = Some(connection);
        // As a slow disk: written, and not yet known to be.
        sleep(self.place.options.sync_delay);
        result.map_err(|error| self.place.error(error))
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        inspect::inspect(&self.place)?;
        let mut connection = schema::open_for_writing(&self.place)?;
        let swept = schema::patiently(|| {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            lease::sweep(&self.place.path);
            tx.rollback()
        });
        swept.map_err(|error| self.place.error(error))?;
        Ok(connection)
    }

    fn execute(&mut self, tx: &Transaction<'_>, job: &Job, changes: &mut Changes) -> rusqlite::Result<Outcome> {
        Ok(match job {
            Job::Apply(apply) => Outcome::Applied(execute_apply(tx, apply, changes)?),
            Job::Open { name, holder, claim, .. } => {
                Outcome::Opened(self.execute_open(tx, name, holder, claim.as_ref(), changes)?)
            }
            Job::Withdraw(claim) => {
                claim::withdraw(tx, claim)?;
                Outcome::Done
            }
            Job::Release(release) => {
                let core = release.core();
                lease::release(tx, core.id, core.token)?;
                if self.is_open(core.id, changes).is_some_and(|open| Arc::ptr_eq(open, core)) {
                    changes.open.insert(core.id, None);
                }
                Outcome::Done
            }
            Job::Names { .. } => {
                let names =
                    "SELECT name FROM sessions WHERE EXISTS (SELECT 1 FROM kv WHERE session = id) ORDER BY name";
                Outcome::Names(tx.prepare_cached(names)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
            }
            Job::Archive { .. } => Outcome::Archive(match archive::prepare(tx) {
                Ok(()) => Ok(()),
                Err(archive::Refused::Newer { found }) => {
                    let (path, supported) = (self.place.path.clone(), archive::VERSION);
                    Err(StoreError::NewerArchive { path, found, supported })
                }
                Err(archive::Refused::Failed(error)) => return Err(error),
            }),
        })
    }

    fn is_open<'a>(&'a self, id: i64, changes: &'a Changes) -> Option<&'a Arc<Core>> {
        changes.open.get(&id).map_or_else(|| self.open.get(&id), Option::as_ref)
    }

    fn execute_open(
        &mut self,
        tx: &Transaction<'_>,
        name: &str,
        holder: &Holder,
        claim: Option<&Claim>,
        changes: &mut Changes,
    ) -> rusqlite::Result<Result<Opened, StoreError>> {
        let session = lease::session_row(tx, name)?;
        let (mut held, mut silent) = (None, None);
        if let Some(of) = session.holder {
            let mut hold = |of: &Holder| {
                held = Some(StoreError::Held { session: name.to_owned(), host: of.host.clone(), pid: of.pid });
            };
            if self.holders.iter().any(|ours| ours.holder == of.holder) {
                // Ours, then: either open, or left over from a release that could not be written.
                if self.is_open(session.id, changes).is_some_and(|core| core.token == session.token) {
                    hold(&of.holder);
                }
            } else {
                match lease::life(&self.place.path, &of, holder, self.place.options.lease) {
                    Life::Alive => hold(&of.holder),
                    Life::Silent => silent = Some(of.id),
                    Life::Dead => lease::bury(tx, of.id)?,
                }
            }
        }
        let other = session.claim.as_ref().filter(|row| row.excludes(claim, session.token));
        match (held, claim, other) {
            (Some(held), None, _) => return Ok(Err(held)),
            (_, _, Some(other)) => return Ok(Err(other.held(name))),
            (Some(held), Some(claim), None) if claim.may_ask(session.token) => {
                claim::write(tx, session.id, session.token, claim, holder)?;
                return Ok(Ok(Opened::Asked(session.token, held)));
            }
            (Some(held), Some(_), None) => return Ok(Err(held)),
            (None, _, None) => {}
        }
        if !self.holders.iter().any(|ours| ours.holder == *holder) {
            match Held::new(&self.place.path, holder.clone()) {
                Ok(held) => self.holders.push(held),
                Err(error) => return Ok(Err(StoreError::failed(format_args!("the holder's lock file: {error}")))),
            }
        }
        let row = lease::beat(tx, holder, self.place.options.lease)?;
        let token = lease::take(tx, session.id, row)?;
        if let Some(silent) = silent {
            lease::bury_if_idle(tx, silent)?;
        }
        if session.claim.is_some() {
            claim::clear(tx, session.id)?;
        }
        let core = Arc::new(Core::new(session.id, token, name.to_owned()));
        changes.fenced.clear();
        changes.open.insert(session.id, Some(core.clone()));
        Ok(Ok(Opened::Open(core)))
    }

    /// Those of our leases whose end somebody wishes for.
    fn wanted(&self, tx: &Transaction<'_>, changes: &Changes) -> rusqlite::Result<Vec<Arc<Core>>> {
        let ours = |(id, token)| self.is_open(id, changes).filter(|core| core.token == token).cloned();
        Ok(claim::standing(tx)?.into_iter().filter_map(ours).collect())
    }

    /// The sign of life of all sessions of this process, and a look at who still has their lease.
    fn beat(&self, tx: &Transaction<'_>, changes: &mut Changes) -> rusqlite::Result<()> {
        for held in &self.holders {
            lease::beat(tx, &held.holder, self.place.options.lease)?;
            for (id, token) in lease::held_by(tx, &held.holder)? {
                if self.open.get(&id).is_none_or(|core| core.token != token) {
                    // Left over from a release that could not be written.
                    lease::release(tx, id, token)?;
                }
            }
        }
        for core in self.open.values() {
            if !lease::is_ours(tx, core.id, core.token)? {
                changes.lost.push(core.clone());
            }
        }
        Ok(())
    }

    fn adopt(&mut self, changes: Changes) {
        self.neighbours = changes.neighbours;
        if self.open.is_empty() {
            self.next_beat = Instant::now() + self.place.options.heartbeat;
        }
        for core in changes.lost {
            core.lose();
            if self.open.get(&core.id).is_some_and(|open| Arc::ptr_eq(open, &core)) {
                self.open.remove(&core.id);
            }
        }
        for core in changes.wanted {
            core.want();
        }
        for (id, core) in changes.open {
            match core {
                // A handle that is replaced without having been released had lost its lease unnoticed.
                Some(core) => drop(self.open.insert(id, core).map(|before| before.lose())),
                None => drop(self.open.remove(&id)),
            }
        }
    }

    fn answer(&self, job: Job, outcome: Outcome) {
        match (job, outcome) {
            (Job::Apply(apply), Outcome::Applied(result)) => {
                apply.finish(result);
            }
            (Job::Open { reply, .. }, Outcome::Opened(result)) => {
                // An opener that has gone meanwhile drops the lease, which releases it.
                drop(reply.send(result.map(|opened| match opened {
                    Opened::Open(core) => Opening::Open(Lease::new(core, self.queue.clone())),
                    Opened::Asked(token, held) => Opening::Asked(token, held),
                })));
            }
            (Job::Release(release), Outcome::Done) => release.finish(Ok(())),
            (Job::Withdraw(_), Outcome::Done) => {}
            (Job::Names { reply }, Outcome::Names(names)) => drop(reply.send(Ok(names))),
            (Job::Archive { reply }, Outcome::Archive(result)) => drop(reply.send(result)),
            (job, _) => fail(job, &StoreError::failed("the writer mixed up its answers")),
        }
    }

    /// Takes this process's holders out of the file; what fails here is found dead by the next opener.
    fn end(&mut self) {
        if let Some(mut connection) = self.connection.take()
            && !self.holders.is_empty()
        {
            let _ = schema::patiently(|| {
                let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                self.holders.iter().try_for_each(|held| lease::forget(&tx, &held.holder))?;
                tx.commit()
            });
        }
        self.holders.clear();
    }
}

fn fail(job: Job, error: &StoreError) {
    match job {
        Job::Apply(apply) => apply.finish(Err(error.clone())),
        Job::Open { reply, .. } => drop(reply.send(Err(error.clone()))),
        Job::Release(release) => release.finish(Err(error.clone())),
        // It ends by itself.
        Job::Withdraw(_) => {}
        Job::Names { reply } => drop(reply.send(Err(error.clone()))),
        Job::Archive { reply } => drop(reply.send(Err(error.clone()))),
    }
}

fn execute_apply(
    tx: &Transaction<'_>,
    apply: &Apply,
    changes: &mut Changes,
) -> rusqlite::Result<Result<(), StoreError>> {
    let core = &apply.core;
    if let Err(error) = core.check_submitted(apply.number) {
        return Ok(Err(error));
    }
    let ours = match changes.fenced.get(&(core.id, core.token)) {
        Some(&ours) => ours,
        None => {
            let ours = lease::is_ours(tx, core.id, core.token)?;
            changes.fenced.insert((core.id, core.token), ours);
            ours
        }
    };
    if !ours {
        changes.lost.push(core.clone());
        return Ok(Err(core.lease_lost()));
    }
    write(tx, core.id, &apply.batch).map(Ok)
}

fn write(tx: &Transaction<'_>, session: i64, batch: &Batch) -> rusqlite::Result<()> {
    for op in batch.ops() {
        match op {
            Op::Put(key, value) => tx
                .prepare_cached("INSERT OR REPLACE INTO kv (session, ns, key, value) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![session, key.namespace.code(), key.bytes, value])?,
            Op::Delete(key) => tx
                .prepare_cached("DELETE FROM kv WHERE session = ?1 AND ns = ?2 AND key = ?3")?
                .execute(params![session, key.namespace.code(), key.bytes])?,
            Op::DeleteNamespace(namespace) => tx
                .prepare_cached("DELETE FROM kv WHERE session = ?1 AND ns = ?2")?
                .execute(params![session, namespace.code()])?,
            Op::DeleteAll => tx.prepare_cached("DELETE FROM kv WHERE session = ?1")?.execute([session])?,
            Op::Archive(op) => {
                archive::apply(tx, session, std::slice::from_ref(op))?;
                0
            }
        };
    }
    Ok(())
}
