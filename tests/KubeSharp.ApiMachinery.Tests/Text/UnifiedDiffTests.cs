using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Tests.Text;

/// <summary>Expected values are those of Python's difflib.unified_diff, without the file names.</summary>
public sealed class UnifiedDiffTests
{
    [Theory]
    [InlineData("a\nb", "a\nb", "")]
    [InlineData("a", "b", "@@ -1 +1 @@\n-a\n+b\n")]
    [InlineData("1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\nx\n6\n7\n8\n9", "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n")]
    [InlineData("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10", "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -8,4 +9,3 @@\n 8\n 9\n 10\n-11\n")]
    [InlineData("{\n a\n}", "{\n}", "@@ -1,3 +1,2 @@\n {\n- a\n }\n")]
    public void Shows_what_changed(string from, string to, string expected) => Assert.Equal(expected, UnifiedDiff.Of(from, to));
}
