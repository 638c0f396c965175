namespace KubeSharp.Storage.Sqlite;

/// <summary>Compares text as its UTF-8 bytes would compare, which differs from ordinal order only where surrogates meet U+E000 to U+FFFF.</summary>
internal static class KeyOrder
{
    public static int Compare(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length.CompareTo(right.Length);
        return Rank(left[common]).CompareTo(Rank(right[common]));
    }

    private static int Rank(char c) => c < 0xd800 ? c : char.IsSurrogate(c) ? c + 0x2000 : c - 0x800;
}
