namespace KubeSharp.ApiServer.Tests;

/// <summary>Upstream's recorded data, which lies beside a checkout and not in it; tests that need it skip where it is absent.</summary>
internal static class SharedData
{
    public static string Find(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", relative);
            if (Directory.Exists(candidate) || File.Exists(candidate))
                return candidate;
        }

        Assert.Skip($"shared/{relative} is not beside this checkout");
        return "";
    }
}
