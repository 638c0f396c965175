using System.Buffers.Binary;
using System.Security.Cryptography;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Registry;

/// <summary>
/// Remembers which server-side applies left which state of an object as it was. Controllers and pipelines apply the same
/// configuration again and again; merging it anew each time is most of what such a request costs, and with the same state, the
/// same bytes and the same manager it must end the same way. What may have changed meanwhile (admission, the store) is asked
/// anew by <see cref="ResourceStore.ConfirmUnchangedAsync"/>. Safe for all threads; of a fixed size, the newest wins.
/// </summary>
internal sealed class UnchangedApplies
{
    private const int Slots = 512;

    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>Whether this question was answered with "unchanged" at this state of the object.</summary>
    public bool Knows(in Question question, string key, long revision) =>
        Volatile.Read(ref _entries[Slot(question)]) is { } entry && entry.Revision == revision && entry.Key == key && entry.Question == question;

    public void Remember(in Question question, string key, long revision) =>
        Volatile.Write(ref _entries[Slot(question)], new Entry(question, key, revision));

    private static int Slot(in Question question) => (int)(question.Body.Low % Slots);

    /// <summary>All of a request that decides what an apply makes of an object.</summary>
    /// <param name="Body">A digest of the body that no other body has.</param>
    /// <param name="Manager">The field manager.</param>
    /// <param name="User">Who asks: some checks are of the user's rights.</param>
    /// <param name="Subresource">What is applied to; empty for the object itself.</param>
    /// <param name="Force">Whether conflicts are overruled.</param>
    /// <param name="Validation">What is done about unknown fields.</param>
    internal readonly record struct Question(Digest Body, string Manager, string User, string Subresource, bool Force, FieldValidation Validation);

    /// <summary>SHA-256, as two halves that compare fast.</summary>
    internal readonly record struct Digest(UInt128 High, UInt128 Low)
    {
        public static Digest Of(ReadOnlySpan<byte> bytes)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes, hash);
            return new Digest(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));
        }
    }

    private sealed record Entry(Question Question, string Key, long Revision);
}
