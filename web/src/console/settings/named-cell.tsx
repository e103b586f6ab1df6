/** The first cell of a row in the settings: a name with its use, and below it an address or a fingerprint. */
export function NamedCell({ names: [name, use], code }: { names: readonly [string, string]; code: string | null }) {
    return (
        <span className="stack">
            <strong>{name}</strong>
            <small className="muted">{use}</small>
            {code !== null && <code className="code fingerprint">{code}</code>}
        </span>
    )
}
