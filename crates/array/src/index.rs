//! Views: reshape, transpose, slice, broadcast; joining and splitting.
