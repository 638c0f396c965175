using System.Collections.Frozen;
using System.Text;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>
/// Users from <c>--token-auth-file</c>: lines <c>token,user,uid[,"group1,group2"]</c>, read once at start
/// (apiserver/pkg/authentication/token/tokenfile, v1.36).
/// </summary>
public sealed class TokenFileAuthenticator : ITokenAuthenticator
{
    private readonly FrozenDictionary<string, UserInfo> _users;

    private TokenFileAuthenticator(FrozenDictionary<string, UserInfo> users) => _users = users;

    /// <exception cref="InvalidDataException">A line has fewer than three columns or no user name.</exception>
    public static TokenFileAuthenticator Load(string path)
    {
        var users = new Dictionary<string, UserInfo>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path))
        {
            if (line.Length == 0)
                continue;
            var columns = ReadCsv(line);
            if (columns.Count < 3)
                throw new InvalidDataException($"token file '{path}' must have at least 3 columns (token, user name, user uid), found {columns.Count}");
            if (columns[0].Length == 0)
                continue;
            var groups = columns.Count > 3 && columns[3].Length > 0 ? columns[3].Split(',') : [];
            users[columns[0]] = UnionAuthenticator.AsAuthenticated(new UserInfo(columns[1], columns[2], groups));
        }

        return new TokenFileAuthenticator(users.ToFrozenDictionary(StringComparer.Ordinal));
    }

    public ValueTask<TokenResult> AuthenticateAsync(string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_users.TryGetValue(token, out var user) ? new TokenResult(user, audiences, null) : TokenResult.NoOpinion);

    private static List<string> ReadCsv(string line)
    {
        var columns = new List<string>();
        var column = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                column.Append(line[++i]);
            else if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
                Flush();
            else if (column.Length > 0 || c is not (' ' or '\t') || quoted)
                column.Append(c);
        }

        Flush();
        return columns;

        void Flush()
        {
            columns.Add(column.ToString());
            column.Clear();
        }
    }
}
