using System.Globalization;
using System.Text;
using System.Text.Json;
using KubeSharp.Storage.Sqlite.Snapshots;

namespace KubeSharp.Commands;

/// <summary>A snapshot's status in etcdutl's formats, for scripts that read those (etcdutl/etcdutl/printer*.go, v3.6).</summary>
internal static class SnapshotStatusPrinter
{
    private static readonly string[] Header = ["HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE", "VERSION"];
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    public static string Print(SnapshotStatus status, string format) => format switch
    {
        "json" => Json(status),
        "table" => Table(status),
        _ => Simple(status),
    };

    public static string Simple(SnapshotStatus status) => string.Join(", ", Row(status));

    private static string Json(SnapshotStatus status)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("hash"u8, status.Hash);
            json.WriteNumber("revision"u8, status.Revision);
            json.WriteNumber("totalKey"u8, status.TotalKeys);
            json.WriteNumber("totalSize"u8, status.TotalSize);
            json.WriteString("version"u8, status.Version);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static string Table(SnapshotStatus status)
    {
        var row = Row(status);
        var widths = Header.Zip(row, (name, value) => Math.Max(name.Length, value.Length)).ToArray();
        var line = "+" + string.Concat(widths.Select(width => new string('-', width + 2) + "+"));
        var names = "|" + string.Concat(Header.Zip(widths, (name, width) => $" {name.PadLeft(name.Length + ((width - name.Length) / 2)).PadRight(width)} |"));
        var values = "|" + string.Concat(row.Zip(widths, (value, width) => $" {value.PadLeft(width)} |"));
        return string.Join('\n', line, names, line, values, line);
    }

    private static string[] Row(SnapshotStatus status) =>
    [
        status.Hash.ToString("x", CultureInfo.InvariantCulture), status.Revision.ToString(CultureInfo.InvariantCulture),
        status.TotalKeys.ToString(CultureInfo.InvariantCulture), Size(status.TotalSize), status.Version,
    ];

    /// <summary>As dustin/go-humanize's Bytes: powers of 1000, one decimal below 10.</summary>
    private static string Size(long bytes)
    {
        if (bytes < 10)
            return $"{bytes} B";
        var unit = 0;
        double divisor = 1;
        while (unit < Units.Length - 1 && bytes / divisor >= 1000)
        {
            unit++;
            divisor *= 1000;
        }

        var value = Math.Floor((bytes / divisor * 10) + 0.5) / 10;
        return string.Create(CultureInfo.InvariantCulture, $"{value.ToString(value < 10 ? "F1" : "F0", CultureInfo.InvariantCulture)} {Units[unit]}");
    }
}
