namespace KubeSharp.Storage.CrashWriter;

/// <summary>Values that can be checked by themselves: the content follows from key and number.</summary>
public static class CrashValue
{
    public static byte[] Make(string key, long number)
    {
        var random = new Random(HashCode(key, number));
        var value = new byte[8 + random.Next(20_000)];
        random.NextBytes(value);
        BitConverter.TryWriteBytes(value, number);
        return value;
    }

    /// <summary>The number, if the value is whole.</summary>
    public static long? Check(string key, ReadOnlySpan<byte> value)
    {
        if (value.Length < 8)
            return null;
        var number = BitConverter.ToInt64(value);
        return value.SequenceEqual(Make(key, number)) ? number : null;
    }

    // string.GetHashCode differs from process to process.
    private static int HashCode(string key, long number)
    {
        var hash = unchecked((int)number * 397);
        foreach (var c in key)
            hash = unchecked((hash * 31) + c);
        return hash;
    }
}
