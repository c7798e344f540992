"""Decodes the event file that straggle_tests writes, with nothing of straggle's, and compares it with the run's own numbers.

    python3 tensorboard_check.py <straggle_tests>

TFRecord: little-endian length (8 bytes), masked CRC-32C of it (4), the record, masked CRC-32C of that (4). The record is an Event: 1 wall_time
(double), 2 step (varint), 3 file_version, 5 summary; Summary: 1 value; Value: 1 tag, 2 simple_value (float).
Where the package tensorboard is installed, its own reader must find the same.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        record = data[at + 12 : at + 12 + length]
        assert struct.unpack_from("<I", data, at + 8)[0] == masked(data[at : at + 8]), "checksum of a length"
        assert struct.unpack_from("<I", data, at + 12 + length)[0] == masked(record), "checksum of a record"
        at += 16 + length
        yield record
    assert at == len(data)


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif kind == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        else:
            assert kind == 2
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        yield key >> 3, value


def read(path):
    scalars = {}
    with open(path, "rb") as file:
        for number, record in enumerate(records(file.read())):
            event = dict(fields(record))
            if number == 0:
                assert event[3] == b"brain.Event:2"
                continue
            for field, value in fields(event[5]):
                assert field == 1
                scalar = dict(fields(value))
                scalars.setdefault(scalar[1].decode(), []).append((event[1], event.get(2, 0), scalar[2]))
    return scalars


with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.argv[1], "[.sample_files]"], env={**os.environ, "STRAGGLE_SAMPLE_FILES": folder}, check=True, stdout=subprocess.DEVNULL)
    path = os.path.join(folder, "events.out.tfevents.0000000000.straggle")
    scalars = read(path)
    with open(os.path.join(folder, "metrics.jsonl")) as file:
        metrics = [json.loads(line) for line in file]
    with open(os.path.join(folder, "updates.jsonl")) as file:
        updates = [json.loads(line) for line in file]

    def single(value):
        return struct.unpack("<f", struct.pack("<f", value))[0]

    for tag, key in [("loss", "loss"), ("perplexity", "perplexity"), ("bits_per_byte", "bits_per_byte")]:
        expected = [(m["simulated_seconds"], m["local_steps"], single(m[key])) for m in metrics]
        assert scalars["validation/" + tag] == expected, tag
    for domain in metrics[0]["domain_loss"]:
        assert [s[2] for s in scalars["validation_loss/" + domain]] == [single(m["domain_loss"][domain]) for m in metrics], domain
    steps, expected = 0, []
    for u in updates:
        if not u["dropped"]:
            steps += u["local_steps"]
            expected.append((u["simulated_seconds"], steps, float(u["staleness_updates"])))
    assert scalars["update/staleness"] == expected
    assert len(scalars["update/cosine_to_momentum"]) == sum(u["cosine_to_momentum"] is not None and not u["dropped"] for u in updates)
    told = "a reader of our own"
    try:
        from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    except ImportError:
        pass
    else:
        assert sum(1 for _ in EventFileLoader(path).Load()) > len(metrics)
        told += " and TensorBoard's"
    print(f"{told} found {sum(map(len, scalars.values()))} scalars under {len(scalars)} tags")
