using System.Text;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>go-yaml's order of map keys: letters behind other characters, digits by their number (sorter.go).</summary>
internal static class YamlKeyOrder
{
    public static int Compare(string left, string right)
    {
        if (left == right)
            return 0;
        return Less(Runes(left), Runes(right)) ? -1 : 1;
    }

    private static Rune[] Runes(string text) => [.. text.EnumerateRunes()];

    private static bool Less(Rune[] left, Rune[] right)
    {
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            if (left[i] == right[i])
                continue;
            var (leftLetter, rightLetter) = (Rune.IsLetter(left[i]), Rune.IsLetter(right[i]));
            if (leftLetter && rightLetter)
                return left[i] < right[i];
            if (leftLetter || rightLetter)
                return rightLetter;
            long leftNumber = 0, rightNumber = 0;
            if (left[i].Value == '0' || right[i].Value == '0')
            {
                // Inside a number that has begun already, a zero is a digit like others.
                for (var j = i - 1; j >= 0 && Rune.IsDigit(left[j]); j--)
                {
                    if (left[j].Value != '0')
                    {
                        leftNumber = rightNumber = 1;
                        break;
                    }
                }
            }

            var leftEnd = Number(left, i, ref leftNumber);
            var rightEnd = Number(right, i, ref rightNumber);
            if (leftNumber != rightNumber)
                return leftNumber < rightNumber;
            return leftEnd != rightEnd ? leftEnd < rightEnd : left[i] < right[i];
        }

        return left.Length < right.Length;
    }

    private static int Number(Rune[] text, int at, ref long number)
    {
        for (; at < text.Length && Rune.IsDigit(text[at]); at++)
            number = unchecked((number * 10) + text[at].Value - '0');
        return at;
    }
}
