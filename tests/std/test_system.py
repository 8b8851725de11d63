"""The system pack on this machine: what it says agrees with what Python and the kernel say."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.std import staged
from tests.std.staged import Tools


@pytest.fixture
def system(pack: Callable[..., Tools]) -> Tools:
    """The pack."""
    return pack("system")


def test_the_kernel_and_the_release_are_those_of_this_machine(system: Tools) -> None:
    """With the machine's name."""
    status, output = system.call("kernel_info")
    known = os.uname()
    assert status == "ok"
    assert (output["hostname"], output["release"], output["machine"]) == (known.nodename, known.release, known.machine)
    assert system.call("os_release")[1]["id"] == platform.freedesktop_os_release()["ID"]


def test_uptime_and_load_are_numbers(system: Tools) -> None:
    """The load is also told for each processor, as four is much on two and little on sixty."""
    _, output = system.call("uptime")
    assert abs(output["up_seconds"] - time.clock_gettime(time.CLOCK_BOOTTIME)) < 60
    assert output["processors"] == len(os.sched_getaffinity(0))
    assert output["load_per_processor"] == pytest.approx(output["load_5_minutes"] / output["processors"], abs=0.01)


def test_the_clock_tells_its_zone(system: Tools) -> None:
    """And seconds since 1970, which two hosts can be compared by."""
    _, output = system.call("system_clock")
    assert abs(output["epoch_seconds"] - time.time()) < 60
    assert output["time"].startswith("20")
    assert output["zone"]


def test_memory_in_use_is_what_cannot_be_had(system: Tools) -> None:
    """All of it is what the kernel says."""
    _, output = system.call("memory_usage")
    assert output["total_mib"] == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
    assert abs(output["used_mib"] + output["available_mib"] - output["total_mib"]) <= 1
    assert 0 < output["used_percent"] < 100


def test_processors_are_measured_each_and_together(system: Tools) -> None:
    """Shares of a second."""
    _, output = system.call("cpu_usage")
    assert len(output["each_used_percent"]) == output["processors"] == os.cpu_count()
    assert all(0 <= share <= 100 for share in (output["used_percent"], *output["each_used_percent"]))


def test_processors_and_memory_are_had_in_one_look(system: Tools) -> None:
    """With the fields that each has alone."""
    _, both = system.call("resource_usage")
    assert both["cpu"].keys() == system.call("cpu_usage")[1].keys() - {"text", "exit", "truncated"}
    assert both["memory"]["total_mib"] == system.call("memory_usage")[1]["total_mib"]
    assert system.call("cpu_info")[1]["processors"] == os.cpu_count()


def test_a_machine_without_sensors_says_so(system: Tools, tmp_path: Path) -> None:
    """It is no failure."""
    staged.folder(system, "temperature", "/sys/class", {"thermal/none": ""}, tmp_path / "class")
    status, output = system.call("temperature")
    assert (status, output["rows"], output["hottest_celsius"]) == ("ok", [], None)


def test_temperatures_of_zones_and_chips_are_in_degrees(system: Tools, tmp_path: Path) -> None:
    """A Raspberry Pi's zone, a chip with a label, and a sensor that has nothing to say."""
    files = {
        "thermal/thermal_zone0/type": "cpu-thermal\n",
        "thermal/thermal_zone0/temp": "48312\n",
        "hwmon/hwmon0/name": "nvme\n",
        "hwmon/hwmon0/temp1_input": "61850\n",
        "hwmon/hwmon0/temp1_label": "Composite\n",
        "hwmon/hwmon1/temp1_input": "",
    }
    staged.folder(system, "temperature", "/sys/class", files, tmp_path / "class")
    _, output = system.call("temperature")
    rows = [(row["sensor"], row["celsius"]) for row in output["rows"]]
    assert rows == [("cpu-thermal", 48.3), ("nvme Composite", 61.9)]
    assert output["hottest_celsius"] == 61.9


def test_a_machine_that_waits_for_a_restart_names_the_packages(system: Tools, tmp_path: Path) -> None:
    """Each once."""
    notice = {
        "reboot-required": "*** System restart required ***\n",
        "reboot-required.pkgs": "linux-base\nlibc6\nlibc6\n",
    }
    staged.folder(system, "reboot_required", "/run", notice, tmp_path / "run")
    _, output = system.call("reboot_required")
    assert (output["required"], output["packages"]) == (True, ["libc6", "linux-base"])


def test_a_machine_that_waits_for_nothing_says_so(system: Tools, tmp_path: Path) -> None:
    """Without the file."""
    staged.folder(system, "reboot_required", "/run", {"other": ""}, tmp_path / "run")
    assert system.call("reboot_required")[1]["required"] is False


def test_messages_of_the_kernel_have_level_and_time(system: Tools, tmp_path: Path) -> None:
    """The last fifty, as dmesg prints them; where only root may read them it fails with a word on that."""
    status, output = system.call("kernel_messages")
    assert (status == "ok" and len(output["rows"]) <= 50) or "not permitted" in output["text"]
    lines = "".join(f"kern  :warn  : [Sat Nov 21 02:52:{n:02}   2026] message: {n}\n" for n in range(60))
    calls = staged.program(system, tmp_path / "bin", "dmesg", lines)
    _, output = system.call("kernel_messages", level="warn")
    assert (len(output["rows"]), output["count"]) == (50, 60)
    assert output["rows"][-1] == {"time": "Sat Nov 21 02:52:59   2026", "level": "warn", "message": "message: 59"}
    assert calls.read_text() == "--decode --ctime --level=warn\n"


def test_no_program_of_the_workspace_is_run(system: Tools, workspace: Path) -> None:
    """A read would else run whatever a model wrote there."""
    folder = workspace / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("uname", "cat", "df", "sh"):
        (folder / name).write_text("#!/bin/sh\necho trap\n")
        (folder / name).chmod(0o755)
    for name in ("kernel_info", "memory_usage", "disk_usage"):
        status, output = system.call(name)
        assert (status, "trap" in output["text"]) == ("ok", False)


def test_every_command_finds_only_the_machines_own_programs_and_speaks_english(
    system: Tools, pack: Callable[..., Tools]
) -> None:
    """Whatever the daemon's own environment is."""
    commands = [tool for tools in (system, pack("network")) for tool in tools.tools.values() if hasattr(tool, "env")]
    assert len(commands) > 50
    assert {tool.env["LC_ALL"] for tool in commands} == {"C.UTF-8"}
    assert all(part.startswith("/") for tool in commands for part in tool.env["PATH"].split(":"))
