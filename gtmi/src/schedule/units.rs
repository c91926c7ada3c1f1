//! Ready-made units for other schedulers, from the same `[schedule]`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pipeline::config::Schedule;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, SourceKind, durable};

use crate::say::Voice;

/// A scheduler that can start runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scheduler {
    /// A service and its timer
    Systemd,
    /// A line of a crontab
    Cron,
    /// A `CronJob`
    Kubernetes,
}

/// Where things are on this machine, all absolute.
struct Places {
    program: PathBuf,
    config: PathBuf,
    folder: PathBuf,
    /// The folders that a run writes to.
    written: Vec<PathBuf>,
}

/// Prints the units, or writes them as files to `out`.
pub(super) fn print(
    context: &Context,
    schedule: &Schedule,
    system: Scheduler,
    out: Option<&Path>,
    voice: Voice,
) -> Result<Exit, Failure> {
    let places = places(context).map_err(Failure::stage)?;
    let units = match system {
        Scheduler::Systemd => systemd(schedule, &places),
        Scheduler::Cron => cron(schedule, &places),
        Scheduler::Kubernetes => kubernetes(schedule),
    };
    let units = units.map_err(|why| Failure::new(Exit::Usage, why))?;
    if let Some(out) = out {
        for (name, text) in &units {
            durable::write(&out.join(name), text.as_bytes()).map_err(Failure::stage)?;
            voice.line(&format!("written {}", out.join(name).display()));
        }
        return voice.result(&units).map(|()| Exit::Done);
    }
    let text = units.iter().fold(String::new(), |mut text, (name, unit)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# {name}\n{unit}");
        text
    });
    voice.text(&text, &units)?;
    Ok(Exit::Done)
}

fn places(context: &Context) -> std::io::Result<Places> {
    let config = std::path::absolute(&context.config.path)?;
    let folder = config.parent().unwrap_or(Path::new("/")).to_owned();
    let mut written = vec![std::path::absolute(&context.config.output)?];
    let beside = context.config.store.parent().filter(|parent| !parent.as_os_str().is_empty());
    written.push(std::path::absolute(beside.unwrap_or(&folder))?);
    if let Some(metrics) = context.config.metrics.as_ref().and_then(|path| path.parent()) {
        written.push(std::path::absolute(metrics)?);
    }
    for source in &context.config.sources {
        if let SourceKind::WorldBank(bank) = &source.kind {
            written.push(std::path::absolute(&bank.folder)?);
        }
    }
    written.sort();
    written.dedup();
    Ok(Places { program: std::env::current_exe()?, config, folder, written })
}

type Units = Result<Vec<(&'static str, String)>, String>;

fn systemd(schedule: &Schedule, places: &Places) -> Units {
    let quoted = |path: &Path| format!("\"{}\"", path.display().to_string().replace('%', "%%"));
    let plain = |path: &Path| path.display().to_string().replace('%', "%%").replace(' ', "\\x20");
    let written: Vec<String> = places.written.iter().map(|path| quoted(path)).collect();
    let service = format!(
        "[Unit]
Description=A run of the maturity pipeline
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={} run --config {} --log-format json
WorkingDirectory={}
# 1: something was returned or refused; 75: another run is under way; 143: ended by the system.
SuccessExitStatus=1 75 143
# Only the run itself is told to end; it ends its workers.
KillMode=mixed
TimeoutStopSec=120
Nice=10
# A user of its own is better: User=gtmi
NoNewPrivileges=yes
PrivateTmp=yes
# The run may write here only; the folders have to exist.
ProtectSystem=strict
ProtectKernelTunables=yes
ProtectControlGroups=yes
ReadWritePaths={}
",
        quoted(&places.program),
        quoted(&places.config),
        plain(&places.folder),
        written.join(" "),
    );
    let mut timer = "[Unit]\nDescription=Starts runs of the maturity pipeline\n\n[Timer]\n".to_owned();
    for calendar in calendars(schedule)? {
        // Writing to a String cannot fail.
        let _ = writeln!(timer, "OnCalendar={calendar}");
    }
    let _ = write!(
        timer,
        "RandomizedDelaySec={}\nAccuracySec=1s\n# A time that was missed is caught up on once.\n\
         Persistent=true\n\n[Install]\nWantedBy=timers.target\n",
        schedule.jitter_seconds
    );
    Ok(vec![("gtmi.service", service), ("gtmi.timer", timer)])
}

/// The times in the words of systemd: two lines where cron means a day of the month or a weekday.
fn calendars(schedule: &Schedule) -> Result<Vec<String>, String> {
    const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    let pattern = &schedule.cron.pattern;
    if [&pattern.days, &pattern.days_of_week].iter().any(|field| field.has_modifiers()) {
        let text = schedule.cron.as_str();
        return Err(format!("\"{text}\" cannot be said as a timer of systemd (it uses L, W or #)"));
    }
    let list = |values: Vec<u16>, whole: usize| {
        if values.len() == whole {
            return "*".to_owned();
        }
        values.iter().map(|value| format!("{value:02}")).collect::<Vec<_>>().join(",")
    };
    let months = list(pattern.months.values(), 12);
    let days = list(pattern.days.values(), 31);
    let time = format!(
        "{}:{}:{}",
        list(pattern.hours.values(), 24),
        list(pattern.minutes.values(), 60),
        list(pattern.seconds.values(), 60)
    );
    let named = pattern.days_of_week.values();
    let weekdays: Vec<&str> =
        named.iter().filter_map(|day| WEEKDAYS.get(usize::from(*day)).copied()).collect();
    let line = |weekdays: &str, days: &str| {
        let weekdays = if weekdays.is_empty() { String::new() } else { format!("{weekdays} ") };
        format!("{weekdays}*-{months}-{days} {time} {}", schedule.zone_name)
    };
    if weekday_must_match(schedule) {
        return Ok(vec![line(&weekdays.join(","), &days)]);
    }
    let every_weekday = weekdays.len() == WEEKDAYS.len();
    Ok(match (days == "*", every_weekday) {
        (_, true) => vec![line("", &days)],
        (true, false) => vec![line(&weekdays.join(","), "*")],
        (false, false) => vec![line("", &days), line(&weekdays.join(","), "*")],
    })
}

/// Whether a day has to be of the weekday and of the month: `+` before the weekday. Otherwise one of both is enough.
fn weekday_must_match(schedule: &Schedule) -> bool {
    schedule.cron.as_str().split_whitespace().last().is_some_and(|weekday| weekday.starts_with('+'))
}

/// The five fields that every cron knows. `system` is said where it does not know what is asked for.
fn five_fields(schedule: &Schedule, system: &str) -> Result<String, String> {
    let text = schedule.cron.as_str();
    if text.starts_with('@') {
        return Ok(text.to_owned());
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return Err(format!("\"{text}\" has seconds, which only gtmi schedule and systemd know"));
    };
    let pattern = &schedule.cron.pattern;
    let has_modifiers = [&pattern.days, &pattern.days_of_week].iter().any(|field| field.has_modifiers());
    if has_modifiers || weekday_must_match(schedule) {
        return Err(format!(
            "\"{text}\" cannot be said for {system} (it uses L, W, # or +, which only gtmi schedule knows)"
        ));
    }
    // Sunday is 0 everywhere, and 7 or the end of a range not.
    let names_sunday = weekday.contains('7') || weekday.to_ascii_uppercase().contains("SUN");
    let weekday = if names_sunday {
        let days: Vec<String> = pattern.days_of_week.values().iter().map(u16::to_string).collect();
        days.join(",")
    } else {
        spelled_out(weekday, &pattern.days_of_week.values())
    };
    let day = spelled_out(day, &pattern.days.values());
    Ok([minute, hour, &*day, month, &*weekday].join(" "))
}

/// A field of days as every cron reads it: `?` is `*` to some and an error to others, and a field that begins with a star
/// is no condition to some.
fn spelled_out(field: &str, values: &[u16]) -> String {
    match field {
        "*" | "?" => "*".to_owned(),
        _ if field.starts_with(['*', '?']) => values.iter().map(u16::to_string).collect::<Vec<_>>().join(","),
        _ => field.to_owned(),
    }
}

fn cron(schedule: &Schedule, places: &Places) -> Units {
    // A per cent sign starts the input of the command in a crontab.
    let quoted =
        |path: &Path| format!("'{}'", path.display().to_string().replace('\'', "'\\''").replace('%', "\\%"));
    let wait = match schedule.jitter_seconds {
        0 => String::new(),
        most => format!("sleep \"$(shuf -i 0-{most} -n 1)\"; "),
    };
    let text = format!(
        "# CRON_TZ is known to cronie and fcron; elsewhere the times are those of the machine.\n\
         # A run that finds another one under way exits with 75 and leaves everything as it is.\n\
         CRON_TZ={}\n{} {wait}cd {} && {} run --quiet --config {}\n",
        schedule.zone_name,
        five_fields(schedule, "cron")?,
        quoted(&places.folder),
        quoted(&places.program),
        quoted(&places.config),
    );
    Ok(vec![("gtmi.crontab", text)])
}

fn kubernetes(schedule: &Schedule) -> Units {
    let wait = match schedule.jitter_seconds {
        0 => String::new(),
        most => format!("sleep \"$(shuf -i 0-{most} -n 1)\"\n                  "),
    };
    let text = format!(
        "# The claim holds pipeline.toml, what it names, the store and the outputs.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: gtmi
spec:
  schedule: \"{}\"
  timeZone: \"{}\"
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 3600
  jobTemplate:
    spec:
      backoffLimit: 1
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 120
          containers:
            - name: gtmi
              image: gtmi:{}
              command:
                - /bin/sh
                - -c
                - |
                  {wait}gtmi run --config /data/pipeline.toml --log-format json &
                  # The shell is told to end; the run has to hear it.
                  trap 'kill -TERM $!' TERM
                  wait $!
                  code=$?
                  if kill -0 $! 2>/dev/null; then wait $!; code=$?; fi
                  # 1: something was returned or refused; 75: another run is under way. Neither is a failure.
                  case $code in 1|75) exit 0 ;; *) exit $code ;; esac
              volumeMounts:
                - name: data
                  mountPath: /data
          volumes:
            - name: data
              persistentVolumeClaim:
                claimName: gtmi
",
        five_fields(schedule, "Kubernetes")?,
        schedule.zone_name,
        env!("CARGO_PKG_VERSION"),
    );
    Ok(vec![("gtmi-cronjob.yaml", text)])
}
