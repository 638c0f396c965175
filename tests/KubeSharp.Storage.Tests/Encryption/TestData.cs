namespace KubeSharp.Storage.Tests.Encryption;

internal static class TestData
{
    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Encryption", "testdata", file));

    /// <summary>01 02 03 ... of a length.</summary>
    public static byte[] Key(int length) => [.. Enumerable.Range(1, length).Select(i => (byte)i)];
}
