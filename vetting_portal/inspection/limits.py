"""Takes limits of time, memory and writing upon this process, before it opens a stranger's file."""

import resource


def limit_self(*, cpu_seconds: int, memory_bytes: int, written_bytes: int = 0, open_files: int = 64) -> None:
    """Limit this process and all it starts, for good: processor time, address space, size of a written file, files."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written_bytes, written_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
