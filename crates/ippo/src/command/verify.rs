//! `ippo verify`: whether a ledger is whole and unchanged, off line and without trusting anybody.

use std::path::{Path, PathBuf};

use domain::ledger::{Broken, BrokenWhy, Verified, verify};
use engine::Receipt;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::receipt_check::check_receipt;

/// Options of `ippo verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The ledger, as `ippo export` writes it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A receipt that has to fit
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// The organisation's public key, when it is known from elsewhere
    #[arg(long, value_name = "HEX", requires = "receipt")]
    key: Option<String>,
    /// Stable JSON on standard output
    #[arg(long)]
    json: bool,
}

/// Checks.
pub(crate) fn run(context: &Context, args: &Args) -> Outcome {
    let terminal = context.terminal;
    let bytes = std::fs::read(&args.file).map_err(|why| Failure::file(&args.file, &why))?;
    let verified = match verify_bytes(&bytes) {
        Ok(verified) => verified,
        Err(broken) => {
            if args.json {
                let why = broken.why.to_string();
                terminal
                    .line(&json!({ "ok": false, "line": broken.line, "why": why }).to_string())?;
                return Ok(Exit::No);
            }
            let (line, why) = (broken.line.to_string(), broken.why.to_string());
            let values = [("line", line.as_str()), ("why", why.as_str())];
            return Err(Failure::no(terminal.words.tn("cli-verify-bad", &values)));
        }
    };
    let receipt = args.receipt.as_deref().map(read_receipt).transpose()?;
    let fault = receipt
        .as_ref()
        .and_then(|receipt| check_receipt(receipt, &verified, args.key.as_deref()).err());
    if args.json {
        let shape = json!({
            "ok": fault.is_none(),
            "incident": verified.incident.as_str(),
            "events": verified.events,
            "redacted": verified.redacted,
            "head": verified.head,
            "signed_by": receipt.as_ref().map(|receipt| &receipt.public_key),
            "why": fault.as_ref().map(ToString::to_string),
        });
        terminal.line(&shape.to_string())?;
        return Ok(if fault.is_none() { Exit::Done } else { Exit::No });
    }
    if let Some(fault) = fault {
        return Err(Failure::no(fault.to_string()));
    }
    let count = i64::try_from(verified.events).unwrap_or(i64::MAX);
    terminal.line(&terminal.words.tc("cli-verify-good", count, &[]))?;
    terminal.line(&format!("{}  {}", verified.incident, verified.head))?;
    if verified.redacted > 0 {
        let count = i64::try_from(verified.redacted).unwrap_or(i64::MAX);
        terminal.line(&terminal.words.tc("cli-verify-redacted", count, &[]))?;
    }
    if let Some(receipt) = receipt {
        terminal.line(&terminal.words.tn("cli-verify-receipt", &[("key", &receipt.public_key)]))?;
    }
    Ok(Exit::Done)
}

fn verify_bytes(bytes: &[u8]) -> Result<Verified, Broken> {
    let text = std::str::from_utf8(bytes).map_err(|why| {
        let before = bytes.get(..why.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
        Broken { line, why: BrokenWhy::Unreadable("it is not UTF-8 text".to_owned()) }
    })?;
    verify(text.lines())
}

fn read_receipt(path: &Path) -> Result<Receipt, Failure> {
    let text = std::fs::read_to_string(path).map_err(|why| Failure::file(path, &why))?;
    serde_json::from_str(&text).map_err(|why| {
        Failure::no(format!("{} cannot be read as a receipt: {why}", path.display()))
    })
}
