//! The public interface of a log: checkpoint, tiles and entry bundles as C2SP tlog-tiles wants them, as plain
//! functions from a path to an answer. The front door only copies them onto HTTP.

use crate::Record;
use crate::error::RecordError;
use crate::log::Volume;
use crate::tree;
use transparency_log::tile::{Resource, tile_width};

/// Text of a checkpoint.
const TEXT: &str = "text/plain; charset=utf-8";
/// Tiles and bundles.
const BYTES: &str = "application/octet-stream";
/// A checkpoint changes each second.
const CACHE_SHORT: &str = "public, max-age=1";
/// A tile or bundle of a given width never changes.
const CACHE_FOREVER: &str = "public, max-age=31536000, immutable";
/// What is not there yet may be there in a moment.
const CACHE_NOT: &str = "no-store";

/// An answer to copy onto HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// Status code.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Cache-Control`.
    pub cache_control: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl Served {
    fn not_found() -> Self {
        Self { status: 404, content_type: TEXT, cache_control: CACHE_NOT, body: b"not found\n".to_vec() }
    }
}

impl Record {
    /// Answers `GET <prefix>/<path>` of a log: `checkpoint`, `tile/<L>/<N>[.p/<W>]`,
    /// `tile/entries/<N>[.p/<W>]`. Nothing past the newest signed tree is ever served, and no other spelling
    /// of a path.
    ///
    /// # Errors
    /// The store's; [`RecordError::Damaged`] when an entry that was signed is missing.
    pub async fn serve(&self, volume: Volume, path: &str) -> Result<Served, RecordError> {
        let Ok(resource) = Resource::parse(path) else { return Ok(Served::not_found()) };
        let body = self
            .store()
            .read(move |tx| {
                Box::pin(async move {
                    let Some(head) = tree::head(tx, volume).await? else { return Ok(None) };
                    match resource {
                        Resource::Checkpoint => {
                            let (_, text) = head.published();
                            Ok((!text.is_empty()).then(|| text.as_bytes().to_vec()))
                        }
                        Resource::Tile(tile)
                            if tile_width(head.size, tile.level, tile.index) >= tile.width =>
                        {
                            Ok(tree::tile_bytes(tx, volume, tile).await?)
                        }
                        Resource::Bundle(bundle)
                            if tile_width(head.size, 0, bundle.index) >= bundle.width =>
                        {
                            match tree::bundle_bytes(tx, volume, bundle).await? {
                                Some(bytes) => Ok(Some(bytes)),
                                None => Err(RecordError::damaged(
                                    volume.log,
                                    format!("an entry of {} is missing", bundle.path()),
                                )),
                            }
                        }
                        Resource::Tile(_) | Resource::Bundle(_) => Ok(None),
                    }
                })
            })
            .await?;
        let (content_type, cache_control) = match resource {
            Resource::Checkpoint => (TEXT, CACHE_SHORT),
            Resource::Tile(_) | Resource::Bundle(_) => (BYTES, CACHE_FOREVER),
        };
        Ok(body.map_or_else(Served::not_found, |body| Served {
            status: 200,
            content_type,
            cache_control,
            body,
        }))
    }
}
