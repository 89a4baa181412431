// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small files of every kind we read, made byte by byte, so that a test can say what is in them and break them at will.

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QString>

#include <zip.h>
#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sample {

inline std::filesystem::path pathOf(const QString& file) { return file.toStdString(); }

inline void write(const QString& file, const QByteArray& bytes)
{
    QFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(file));
}

inline QByteArray gzip(const QByteArray& bytes)
{
    QByteArray packed(bytes.size() + 128, '\0');
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(static_cast<qsizetype>(stream.total_out));
    deflateEnd(&stream);
    return packed;
}

/// IDX of type `type` (0x08: unsigned bytes); the elements follow as they are, big endian.
inline QByteArray idx(const std::vector<std::uint32_t>& shape, const QByteArray& elements, char type = 0x08)
{
    QByteArray bytes("\0\0", 2);
    bytes += type;
    bytes += static_cast<char>(shape.size());
    for (const std::uint32_t size : shape)
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes += static_cast<char>(size >> shift);
    return bytes + elements;
}

inline QByteArray counting(int size)
{
    QByteArray bytes;
    for (int i = 0; i < size; ++i)
        bytes += static_cast<char>(i);
    return bytes;
}

/// NPY version 1 with the dictionary padded as NumPy pads it.
inline QByteArray npy(const QByteArray& descr, const QByteArray& shape, const QByteArray& elements, bool fortran = false)
{
    QByteArray dictionary = "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
    while ((10 + dictionary.size() + 1) % 64 != 0)
        dictionary += ' ';
    dictionary += '\n';
    QByteArray bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(dictionary.size() & 0xff);
    bytes += static_cast<char>(dictionary.size() >> 8);
    return bytes + dictionary + elements;
}

inline void writeNpz(const QString& file, const std::vector<std::pair<QString, QByteArray>>& arrays)
{
    QFile::remove(file);
    zip_t* archive = zip_open(qPrintable(file), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto& [name, bytes] : arrays)
        zip_file_add(archive, qPrintable(name + ".npy"),
                     zip_source_buffer(archive, bytes.data(), static_cast<zip_uint64_t>(bytes.size()), 0), ZIP_FL_OVERWRITE);
    if (zip_close(archive) != 0)
        qFatal("cannot write %s", qPrintable(file));
}

inline QByteArray cifar10Record(char label, char red) { return QByteArray(1, label) + QByteArray(1024, red) + QByteArray(2048, '\x05'); }

/// A portable grey map (one channel) or colour map (three), every sample of the value `fill`.
inline QByteArray portableMap(int columns, int rows, int channels, char fill)
{
    return QByteArray(channels == 1 ? "P5" : "P6") + QByteArray("\n") + QByteArray::number(columns) + " " + QByteArray::number(rows) +
           "\n255\n" + QByteArray(columns * rows * channels, fill);
}

}  // namespace sample
