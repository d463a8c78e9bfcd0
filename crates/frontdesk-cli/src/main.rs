//! The `frontdesk` program.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use frontdesk_cli::Cli;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.with_ansi(std::io::stderr().is_terminal()).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("frontdesk: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(frontdesk_cli::run(cli));
    // What still reads from standard input or hashes must not hold the end up.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.is_silent() {
                eprintln!("frontdesk: {error}");
            }
            ExitCode::from(error.exit_code())
        }
    }
}
