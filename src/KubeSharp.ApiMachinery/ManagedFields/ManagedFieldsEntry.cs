using System.Globalization;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>Who is told apart in managed fields: appliers by name and subresource, updaters by version too
/// (managedfields/internal/managedfields.go BuildManagerIdentifier).</summary>
internal readonly record struct ManagerKey(string Manager, string Operation, string ApiVersion, string Subresource) : IComparable<ManagerKey>
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    public static ManagerKey OfApply(string manager, string subresource) => new(manager, Apply, "", subresource);

    public static ManagerKey OfUpdate(string manager, string apiVersion, string subresource) => new(manager, Update, apiVersion, subresource);

    /// <summary>The manager in conflict messages (managedfields/internal/conflict.go printManager).</summary>
    public override string ToString()
    {
        var text = Text.GoText.Quote(Manager);
        if (Subresource.Length > 0)
            text += $" with subresource {Text.GoText.Quote(Subresource)}";
        return Operation == Update ? $"{text} using {ApiVersion}" : text;
    }

    public int CompareTo(ManagerKey other)
    {
        var order = string.CompareOrdinal(Manager, other.Manager);
        if (order == 0)
            order = string.CompareOrdinal(Operation, other.Operation);
        if (order == 0)
            order = string.CompareOrdinal(ApiVersion, other.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(Subresource, other.Subresource);
    }
}

/// <summary>What one manager owns, at which version, and when that last changed (RFC 3339, or null).</summary>
internal sealed record ManagerFields(string ApiVersion, FieldSet Fields, string? Time);

/// <summary>metadata.managedFields as a table; written back sorted as upstream sorts.</summary>
internal sealed class ManagedTable : Dictionary<ManagerKey, ManagerFields>
{
    private const string FieldsV1 = "FieldsV1";

    /// <exception cref="FormatException">An entry is malformed.</exception>
    public static ManagedTable Read(Sequence? entries)
    {
        var table = new ManagedTable();
        for (var i = 0; i < (entries?.Count ?? 0); i++)
        {
            var entry = entries![i].AsMap ?? Map.Empty;
            var operation = entry.GetString("operation") ?? "";
            if (operation is not (ManagerKey.Apply or ManagerKey.Update))
                throw new FormatException("operation must be `Apply` or `Update`");
            var apiVersion = entry.GetString("apiVersion") ?? "";
            if (apiVersion.Length == 0)
                throw new FormatException("apiVersion must not be empty");
            if ((entry.GetString("fieldsType") ?? "") is var type && type != FieldsV1)
                throw new FormatException(type.Length == 0 ? $"missing fieldsType in managed fields entry {i}" : $"invalid fieldsType {Text.GoText.Quote(type)} in managed fields entry {i}");
            var key = new ManagerKey(entry.GetString("manager") ?? "", operation, operation == ManagerKey.Apply ? "" : apiVersion, entry.GetString("subresource") ?? "");
            table[key] = new ManagerFields(apiVersion, FieldSet.FromMap(entry.GetMap("fieldsV1") ?? Map.Empty), entry.GetString("time"));
        }

        return table;
    }

    /// <summary>The entries, or undefined when there are none.</summary>
    public Value Write()
    {
        if (Count == 0)
            return default;
        var sequence = new Sequence(Count);
        foreach (var (key, value) in this.OrderBy(e => e.Key.Operation, StringComparer.Ordinal).ThenBy(e => Seconds(e.Value.Time))
            .ThenBy(e => e.Key.Manager, StringComparer.Ordinal).ThenBy(e => e.Value.ApiVersion, StringComparer.Ordinal).ThenBy(e => e.Key.Subresource, StringComparer.Ordinal))
        {
            var entry = new Map(7) { { "manager", key.Manager }, { "operation", key.Operation }, { "apiVersion", value.ApiVersion } };
            if (value.Time is not null)
                entry.Append("time", value.Time);
            entry.Append("fieldsType", FieldsV1);
            entry.Append("fieldsV1", value.Fields.ToMap());
            if (key.Subresource.Length > 0)
                entry.Append("subresource", key.Subresource);
            sequence.Add(entry);
        }

        return sequence;
    }

    internal static long Seconds(string? time) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? parsed.ToUnixTimeSeconds() : 0;
}
