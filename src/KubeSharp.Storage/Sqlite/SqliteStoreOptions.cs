namespace KubeSharp.Storage.Sqlite;

/// <summary>How thoroughly a database file is read before it is served.</summary>
public enum StartupCheck
{
    /// <summary>After a clean stop <see cref="None"/>, which then still finds every record that is missing or has another key or
    /// revision than at the stop, at no cost; <see cref="Full"/> after any other end.</summary>
    Automatic,

    /// <summary>Only what opening needs anyway: header, schema, and the key columns of every record.</summary>
    None,

    /// <summary>SQLite's <c>quick_check</c>: the structure of every page.</summary>
    Quick,

    /// <summary><see cref="Quick"/>, and the checksum of every record.</summary>
    Full,
}

/// <summary>Settings of a <see cref="SqliteStore"/>.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The database file. It and its folder are made when missing, readable by their owner only.</summary>
    public required string Path { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public StartupCheck StartupCheck { get; init; } = StartupCheck.Automatic;

    /// <summary>A watch that had nothing to deliver for this long reports progress (etcd: experimental-watch-progress-notify-interval).</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Writes that may wait for the writer, or for their events to be handed to the watches; further ones wait before they are queued.</summary>
    public int WriteQueueLength { get; init; } = 4096;

    /// <summary>Batches that a live watch may lag behind before it goes on from the database.</summary>
    public int WatchQueueLength { get; init; } = 1024;

    /// <summary>Connections for reading, opened when needed.</summary>
    public int MaxReaders { get; init; } = 4;

    /// <summary>Live events carry <see cref="StoreEvent.Previous"/> with its value, which costs a read for each update.
    /// When false, Previous of a live event has all but the value.</summary>
    public bool PreviousValues { get; init; } = true;

    /// <summary>Tests: SQLite's max_page_count (0: none), a disk that becomes full.</summary>
    internal int MaxPages { get; init; }
}
