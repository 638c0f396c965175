namespace KubeSharp.Storage.Tests.Sqlite;

/// <summary>A folder for one test's database.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kubesharp-store-").FullName;

    public string Database => System.IO.Path.Combine(Path, "state.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
