"""Job objects: what Windows has in place of process groups. On another system there is none."""

from __future__ import annotations

import sys
from typing import Protocol


class JobObject(Protocol):
    """What is in it, and whatever that starts, ends when it is killed or the worker ends."""

    def take(self, pid: int) -> None:
        """Add a process to the job."""

    def kill(self) -> None:
        """Kill every process of the job."""


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes
    from subprocess import CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW

    _CREATE_SUSPENDED = 0x4
    FLAGS = CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW | _CREATE_SUSPENDED
    """A group and a console of its own, so that Ctrl-C is the worker's; halted until it is in its job."""

    _EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation
    _KILL_ON_JOB_CLOSE = 0x2000
    _SET_QUOTA_TERMINATE_RESUME = 0x0100 | 0x0001 | 0x0800

    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _ntdll = ctypes.WinDLL("ntdll")
    _kernel32.CreateJobObjectW.restype = wintypes.HANDLE
    _kernel32.CreateJobObjectW.argtypes = (wintypes.LPVOID, wintypes.LPCWSTR)
    _kernel32.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, wintypes.LPVOID, wintypes.DWORD)
    _kernel32.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    _kernel32.TerminateJobObject.argtypes = (wintypes.HANDLE, wintypes.UINT)
    _kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
    _kernel32.OpenProcess.restype = wintypes.HANDLE
    _kernel32.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    _ntdll.NtResumeProcess.argtypes = (wintypes.HANDLE,)

    class _BasicLimits(ctypes.Structure):
        _fields_ = (
            ("PerProcessUserTimeLimit", wintypes.LARGE_INTEGER),
            ("PerJobUserTimeLimit", wintypes.LARGE_INTEGER),
            ("LimitFlags", wintypes.DWORD),
            ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t),
            ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t),
            ("PriorityClass", wintypes.DWORD),
            ("SchedulingClass", wintypes.DWORD),
        )

    class _ExtendedLimits(ctypes.Structure):
        _fields_ = (
            ("BasicLimitInformation", _BasicLimits),
            ("IoInfo", ctypes.c_ulonglong * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t),
            ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t),
            ("PeakJobMemoryUsed", ctypes.c_size_t),
        )

    class _JobObject:
        """A handle that the worker alone has: it closes with the worker, and the job ends."""

        def __init__(self) -> None:
            self._handle = _done(_kernel32.CreateJobObjectW(None, None))
            limits = _ExtendedLimits()
            limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE
            size = ctypes.sizeof(limits)
            _done(_kernel32.SetInformationJobObject(self._handle, _EXTENDED_LIMITS, ctypes.byref(limits), size))

        def take(self, pid: int) -> None:
            """Add a process to the job."""
            process = _done(_kernel32.OpenProcess(_SET_QUOTA_TERMINATE_RESUME, False, pid))
            try:
                _done(_kernel32.AssignProcessToJobObject(self._handle, process))
                if _ntdll.NtResumeProcess(process) != 0:
                    raise OSError(f"process {pid} could not be set going")
            finally:
                _kernel32.CloseHandle(process)

        def kill(self) -> None:
            """Kill every process of the job."""
            if self._handle:
                _kernel32.TerminateJobObject(self._handle, 1)
                _kernel32.CloseHandle(self._handle)
                self._handle = 0

    def job() -> JobObject | None:
        """Return a new job; None where the system has no jobs."""
        return _JobObject()

    def _done(result: int) -> int:
        if not result:
            raise ctypes.WinError(ctypes.get_last_error())
        return result

else:
    FLAGS = 0

    def job() -> JobObject | None:
        """Return a new job; None where the system has no jobs."""
        return None
