// System calls that glibc declares for _GNU_SOURCE alone, which Swift's Glibc is read without.

/// Makes durable what was written to the file system that holds the open file: syncfs(2).
int syncfs(int descriptor);
