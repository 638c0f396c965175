using System.Text;

namespace KubeSharp.Storage.Encryption;

/// <summary>A transformer and the bytes in front of the values that are its.</summary>
public sealed class PrefixTransformer(string prefix, IValueTransformer transformer)
{
    public string Prefix { get; } = prefix;

    public IValueTransformer Transformer { get; } = transformer;

    internal byte[] Utf8Prefix { get; } = Encoding.UTF8.GetBytes(prefix);
}

/// <summary>
/// Several transformers told apart by prefix: the first writes, all read. Values that another than the first has read are
/// stale. Prefixes may repeat (one provider listed with another key): the next with the prefix is tried when one fails.
/// Source: prefixTransformers in apiserver/pkg/storage/value/transformer.go, v1.36.
/// </summary>
/// <param name="mismatch">The error for values that have none of the prefixes.</param>
/// <param name="transformers">At least one.</param>
/// <param name="metrics">Told of every transformation.</param>
/// <param name="time">The clock for durations.</param>
public sealed class PrefixTransformers(string mismatch, IReadOnlyList<PrefixTransformer> transformers, IEncryptionMetrics metrics, TimeProvider time) : IValueTransformer
{
    public async ValueTask<PlainValue> FromStorageAsync(ReadOnlyMemory<byte> stored, ValueContext context, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        List<TransformException>? errors = null;
        for (var i = 0; i < transformers.Count; i++)
        {
            var candidate = transformers[i];
            if (!stored.Span.StartsWith(candidate.Utf8Prefix))
                continue;
            var label = candidate.Prefix.Length == 0 ? "identity" : candidate.Prefix;
            try
            {
                var value = await candidate.Transformer.FromStorageAsync(stored[candidate.Utf8Prefix.Length..], context, cancellationToken).ConfigureAwait(false);
                metrics.Transformed(context.Resource, true, label, time.GetElapsedTime(started), null);
                return value with { Stale = value.Stale || i != 0 };
            }
            catch (TransformException error)
            {
                // Identity matches everything: sealed values are for the transformers behind it.
                if (candidate.Prefix.Length == 0)
                    continue;
                metrics.Transformed(context.Resource, true, label, time.GetElapsedTime(started), error);
                (errors ??= []).Add(error);
            }
        }

        if (errors is not null)
            throw TransformException.Aggregate(errors);
        var unknown = new TransformException(mismatch);
        metrics.Transformed(context.Resource, true, "unknown", time.GetElapsedTime(started), unknown);
        throw unknown;
    }

    public async ValueTask<ReadOnlyMemory<byte>> ToStorageAsync(ReadOnlyMemory<byte> plain, ValueContext context, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var writer = transformers[0];
        ReadOnlyMemory<byte> body;
        try
        {
            body = await writer.Transformer.ToStorageAsync(plain, context, cancellationToken).ConfigureAwait(false);
        }
        catch (TransformException error)
        {
            metrics.Transformed(context.Resource, false, writer.Prefix, time.GetElapsedTime(started), error);
            throw;
        }

        metrics.Transformed(context.Resource, false, writer.Prefix, time.GetElapsedTime(started), null);
        if (writer.Utf8Prefix.Length == 0)
            return body;
        var sealedValue = new byte[writer.Utf8Prefix.Length + body.Length];
        writer.Utf8Prefix.CopyTo(sealedValue, 0);
        body.Span.CopyTo(sealedValue.AsSpan(writer.Utf8Prefix.Length));
        return sealedValue;
    }
}
