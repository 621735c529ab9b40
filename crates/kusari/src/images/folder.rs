//! Folders of pictures: a sub-folder for each class, perhaps within one for each part of the data.

use super::{
    Fit, Part, Picture, Pictures,
    pictures::{Item, MOST_CLASSES},
    preprocess::Moments,
};
use crate::{Error, Result, memory, serializers::checksum};
use kusari_array::parallel;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// How pictures are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadOptions {
    /// The side of the squares that they become; none: that of the pictures, at most 64.
    pub size: Option<usize>,
    /// How they become squares: cut.
    pub fit: Fit,
    /// Squares that together take at most so many bytes are kept, so that every file is decoded once: 1 GiB. Others are
    /// decoded whenever they are needed.
    pub memory: usize,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions { size: None, fit: Fit::Crop, memory: 1 << 30 }
    }
}

/// The largest side without being asked for.
const USUAL: usize = 64;
/// Sub-folders of classes are looked into so deep.
const DEEPEST: usize = 16;
/// Messages about files that are left out.
const MESSAGES: usize = 10;

/// A file that may be a picture.
struct Found {
    file: PathBuf,
    class: String,
    part: Part,
}

impl Pictures {
    /// Reads a folder with a sub-folder for each class; where the sub-folders are called `train`, `valid` and `test`, the
    /// classes lie in them. Every file is decoded once: damaged ones are left out, and named in
    /// [`notices`](Pictures::notices).
    ///
    /// # Errors
    /// When there are no pictures, or a folder cannot be read.
    pub fn read(folder: impl AsRef<Path>, options: &ReadOptions) -> Result<Pictures> {
        Pictures::read_parts(&[(folder.as_ref(), Part::Train)], options)
    }
    /// Reads several folders, each with a sub-folder for each class, as parts of the data.
    ///
    /// # Errors
    /// As `read`, and when a class has no picture to learn from.
    pub fn read_parts(folders: &[(&Path, Part)], options: &ReadOptions) -> Result<Pictures> {
        let source = folders.first().map_or(String::new(), |(folder, _)| folder.display().to_string());
        let (mut found, mut notices) = (Vec::new(), Vec::new());
        for (folder, part) in folders {
            list(folder, *part, &mut found, &mut notices)?;
        }
        let mut pictures = Pictures::of_found(source, found, options)?;
        if pictures.is_empty() {
            let why = pictures.notices.get(1).map_or(String::new(), |first| format!("; {first}"));
            return Err(Error::Data(format!("{}: there is no picture that can be read{why}", pictures.source)));
        }
        pictures.notices.splice(..0, notices);
        let learnt: Vec<bool> = (0..pictures.classes.len())
            .map(|c| pictures.items.iter().any(|item| item.label == c && item.part == Part::Train))
            .collect();
        match learnt.iter().position(|learnt| !learnt) {
            Some(c) => {
                let message = format!("the class '{}' has no picture to learn from", pictures.classes[c]);
                Err(Error::Data(format!("{}: {message}", pictures.source)))
            }
            None => Ok(pictures),
        }
    }
    /// Reads files whose classes are not known; damaged ones are left out, and named in [`notices`](Pictures::notices).
    ///
    /// # Errors
    /// None for files as such.
    pub fn of_files(files: &[PathBuf], options: &ReadOptions) -> Result<Pictures> {
        let source = files.first().map_or(String::new(), |file| file.display().to_string());
        let found = files.iter().map(|file| Found { file: file.clone(), class: String::new(), part: Part::Train });
        Pictures::of_found(source, found.collect(), options)
    }
    fn of_found(source: String, found: Vec<Found>, options: &ReadOptions) -> Result<Pictures> {
        let fit = options.fit;
        let size = options.size.unwrap_or_else(|| usual_size(&found, fit));
        let keep = found.len().saturating_mul(3 * size * size) <= options.memory;
        let read = parallel::map(found.len(), |i| {
            let file = &found[i].file;
            let bytes = memory::read(file, 1)?;
            let square = fit.square(&Picture::from_bytes(&bytes, file)?, size);
            Ok::<_, Error>((Moments::of(&square), checksum(&bytes), keep.then_some(square)))
        });
        let (mut items, mut classes, mut notices) = (Vec::new(), Vec::new(), Vec::new());
        for (Found { file, class, part }, read) in found.into_iter().zip(read) {
            match read {
                Ok((moments, checksum, square)) => {
                    classes.push(class);
                    items.push(Item { file, label: 0, part, moments, checksum, square });
                }
                Err(e) => notices.push(e.to_string()),
            }
        }
        if notices.len() > MESSAGES {
            let more = format!("{} more files are no pictures or damaged", notices.len() - MESSAGES);
            notices.splice(MESSAGES.., [more]);
        }
        if !notices.is_empty() {
            notices.insert(0, "left out:".to_string());
        }
        let mut names: Vec<String> = classes.clone();
        // Numbers by size, other names by the alphabet.
        names.sort_by_cached_key(|name| (name.parse::<u64>().unwrap_or(u64::MAX), name.clone()));
        names.dedup();
        if names.len() > MOST_CLASSES {
            let message = format!("there are more than {MOST_CLASSES} sub-folders with pictures: too many classes");
            return Err(Error::Data(format!("{source}: {message}")));
        }
        let numbers: BTreeMap<&str, usize> = names.iter().enumerate().map(|(c, name)| (&**name, c)).collect();
        items.iter_mut().zip(&classes).for_each(|(item, class)| item.label = numbers[&**class]);
        Ok(Pictures { source, size, fit, classes: names, items, notices })
    }
}

/// The side of the largest of a few pictures, one of each class, but not more than is usual.
fn usual_size(found: &[Found], fit: Fit) -> usize {
    let mut last = None;
    let firsts = found.iter().filter(|f| last.replace(&f.class) != Some(&f.class));
    let sides = firsts.take(20).filter_map(|f| Picture::open(&f.file).ok()).map(|p| match fit {
        Fit::Crop => p.width().min(p.height()),
        Fit::Pad => p.width().max(p.height()),
    });
    sides.max().unwrap_or(USUAL).clamp(8, USUAL)
}

/// The part of the data that a sub-folder's name stands for.
fn part_of(name: &str) -> Option<Part> {
    match name.to_lowercase().as_str() {
        "train" | "training" => Some(Part::Train),
        "valid" | "validation" | "val" => Some(Part::Valid),
        "test" | "testing" => Some(Part::Test),
        _ => None,
    }
}

/// `1 file`, `2 files`.
fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// What lies in a folder, by name; hidden things are left out.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let unreadable = |e| Error::io(folder, e);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            entries.push((name, entry.path()));
        }
    }
    entries.sort();
    Ok(entries)
}

/// The files of every class.
fn list(folder: &Path, part: Part, found: &mut Vec<Found>, notices: &mut Vec<String>) -> Result<()> {
    let (folders, loose): (Vec<_>, Vec<_>) = entries(folder)?.into_iter().partition(|(_, path)| path.is_dir());
    let parts: Vec<Part> = folders.iter().filter_map(|(name, _)| part_of(name)).collect();
    if !folders.is_empty() && parts.len() == folders.len() && parts.contains(&Part::Train) {
        for ((_, path), part) in folders.iter().zip(parts) {
            list_classes(&entries(path)?, part, found, notices)?;
        }
    } else {
        list_classes(&folders, part, found, notices)?;
    }
    if found.is_empty() {
        let message = "expected a sub-folder for each class with its pictures, got none";
        return Err(Error::Data(format!("{}: {message}", folder.display())));
    }
    if !loose.is_empty() {
        notices.push(format!("{}: {} beside the sub-folders left out", folder.display(), counted(loose.len(), "file")));
    }
    Ok(())
}

fn list_classes(
    folders: &[(String, PathBuf)],
    part: Part,
    found: &mut Vec<Found>,
    notices: &mut Vec<String>,
) -> Result<()> {
    for (class, path) in folders.iter().filter(|(_, path)| path.is_dir()) {
        let before = found.len();
        let mut files = Vec::new();
        walk(path, DEEPEST, &mut files)?;
        found.extend(files.into_iter().map(|file| Found { file, class: class.clone(), part }));
        if found.len() == before {
            notices.push(format!("{}: the folder is empty", path.display()));
        }
    }
    Ok(())
}

/// All files below a folder; links to folders are not followed.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    for (_, path) in entries(folder)? {
        let kind = fs::symlink_metadata(&path).map_err(|e| Error::io(&path, e))?.file_type();
        if kind.is_dir() && depth > 0 {
            walk(&path, depth - 1, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// All files that these paths name: a folder stands for those below it.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_below(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => walk(path, DEEPEST, &mut files)?,
            false => files.push(path.clone()),
        }
    }
    Ok(files)
}
