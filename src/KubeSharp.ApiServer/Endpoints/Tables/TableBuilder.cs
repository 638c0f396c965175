using System.Buffers;
using System.Globalization;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>Collects rows into a meta.k8s.io Table (apiserver/pkg/endpoints/handlers/response.go asTable, v1.36).</summary>
public sealed class TableBuilder
{
    /// <summary>The annotation of the bookmark that ends a watch's first events (metav1.InitialEventsAnnotationKey).</summary>
    internal const string InitialEventsEnd = "k8s.io/initial-events-end";

    private readonly ApiRequest _request;
    private readonly OutputFormat _format;
    private readonly ITableConvertor _convertor;
    private readonly string _includeObject;
    private readonly DateTimeOffset _now;
    private readonly Sequence _rows = new();

    /// <summary>A row before its metadata: the connection's writer is dear for each small piece.</summary>
    private readonly ArrayBufferWriter<byte> _row = new(512);

    /// <exception cref="StatusException">400: an unknown includeObject.</exception>
    public TableBuilder(ApiRequest request, OutputFormat format)
        : this(request, format, request.Served.Table ?? TableConvertors.For(request.Resource.Group, request.Resource.Resource))
    {
    }

    /// <summary>For objects of another kind than the resource's (a Scale).</summary>
    internal TableBuilder(ApiRequest request, OutputFormat format, ITableConvertor convertor)
    {
        _request = request;
        _format = format;
        _convertor = convertor;
        _includeObject = request.Http.Request.Query["includeObject"].FirstOrDefault() ?? "";
        if (_includeObject is not ("" or "None" or "Metadata" or "Object"))
        {
            throw StatusErrors.BadRequest(
                $"Unable to convert to Table as requested: includeObject: Invalid value: \"{_includeObject}\": "
                + "must be 'Metadata', 'Object', 'None', or empty");
        }

        _now = DateTimeOffset.UtcNow;
    }

    public void Add(CachedObject cached) => Add(cached.Tree(), _request.Served);

    /// <summary>Adds a row for an object that is at the storage version of what is served, or (null) as it is to be shown.</summary>
    internal void Add(Map tree, ServedResource? served) => _rows.Add(Row(tree, served));

    /// <summary>Writes the row of an object as JSON; its metadata are bytes that the cache has.</summary>
    internal void WriteRow(CachedObject cached, IBufferWriter<byte> output)
    {
        var metadata = _includeObject is "Metadata" or "" && _request.Served.Store.Strategy.HasPlainMetadata ? cached.MetadataJson() : [];
        if (metadata.IsEmpty)
        {
            JsonEncoder.Encode(Row(cached.Tree(), _request.Served), output);
            return;
        }

        var tree = cached.TreeForReading(_convertor.Reads);
        var cells = new Sequence(_convertor.Columns.Count);
        _convertor.AddCells(tree, _now, cells);
        _row.ResetWrittenCount();
        _row.Write("{\"cells\":"u8);
        JsonEncoder.Encode(cells, _row);
        if (_convertor.RowConditions(tree) is { } conditions)
        {
            _row.Write(",\"conditions\":"u8);
            JsonEncoder.Encode(conditions, _row);
        }

        _row.Write(_format.Version == "v1"
            ? ",\"object\":{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":"u8
            : ",\"object\":{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1beta1\",\"metadata\":"u8);
        output.Write(_row.WrittenSpan);
        output.Write(metadata);
        output.Write("}}"u8);
    }

    /// <summary>The row of an object, for those who write rows one by one.</summary>
    internal Map Row(Map tree, ServedResource? served)
    {
        var cells = new Sequence(_convertor.Columns.Count);
        _convertor.AddCells(tree, _now, cells);
        var row = new Map(3) { { "cells", cells } };
        if (_convertor.RowConditions(tree) is { } conditions)
            row.Set("conditions", conditions);
        Value obj = _includeObject switch
        {
            // The end of the first events must show all the same.
            "None" when tree.GetMap("metadata")?.GetMap("annotations")?.GetString(InitialEventsEnd) != "true" => default,
            "Object" => served?.FromStorage(tree) ?? tree,
            _ => PartialMetadata.Of(tree, _format.Version, _request.Served.Store.Strategy),
        };
        row.Set("object", obj.IsUndefined ? Value.Null : obj);
        return row;
    }

    /// <summary>The Table; column definitions are left out of all but the first event of a watch.</summary>
    public Map Build(long revision, string? continueToken, long? remaining, bool withColumns = true)
    {
        var metadata = new Map(3);
        if (revision > 0)
            metadata.Set("resourceVersion", revision.ToString(CultureInfo.InvariantCulture));
        if (!string.IsNullOrEmpty(continueToken))
            metadata.Set("continue", continueToken);
        if (remaining is { } count)
            metadata.Set("remainingItemCount", count);
        var columns = new Sequence(_convertor.Columns.Count);
        if (withColumns)
        {
            foreach (var column in _convertor.Columns)
            {
                columns.Add(new Map(5)
                {
                    { "name", column.Name },
                    { "type", column.Type },
                    { "format", column.Format },
                    { "description", column.Description },
                    { "priority", column.Priority },
                });
            }
        }

        return new Map(5)
        {
            { "kind", "Table" },
            { "apiVersion", $"meta.k8s.io/{_format.Version}" },
            { "metadata", metadata },
            { "columnDefinitions", withColumns ? columns : Value.Null },
            // The default convertor makes no list before there is a row.
            { "rows", _rows.Count == 0 && _convertor is DefaultTableConvertor ? Value.Null : _rows },
        };
    }

    public static SchemaType? Schema(string version) => BuiltInSchema.Find(new GroupVersionKind("meta.k8s.io", version, "Table"))
        ?? BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1.Table");
}
