using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>Scores in proportion to the highest one (plugins/helper/normalize_score.go).</summary>
internal static class DefaultNormalizeScore
{
    /// <param name="scores">Not negative.</param>
    /// <param name="reverse">The highest becomes the worst.</param>
    public static void Apply(Span<long> scores, bool reverse)
    {
        long highest = 0;
        foreach (var score in scores)
            highest = Math.Max(highest, score);
        if (highest == 0)
        {
            if (reverse)
                scores.Fill(IScorePlugin.MaxNodeScore);
            return;
        }

        foreach (ref var score in scores)
        {
            score = IScorePlugin.MaxNodeScore * score / highest;
            if (reverse)
                score = IScorePlugin.MaxNodeScore - score;
        }
    }
}
