/** Package URLs (purl) of the ecosystems that OSV knows, without version, qualifiers and subpath. */

export interface PackageUrl {
    /** In the spelling of the package's registry. */
    readonly text: string
    /** The ecosystem's name in OSV. */
    readonly ecosystem: string
    /** The package's name in that ecosystem. */
    readonly name: string
}

const ecosystems: Readonly<
    Record<
        string,
        {
            readonly osvName: string
            readonly parts: readonly number[]
            readonly separator: string
            /** The one spelling of names that its registry takes as the same. */
            readonly normalise?: (name: string) => string
        }
    >
> = {
    npm: { osvName: "npm", parts: [1, 2], separator: "/" },
    pypi: { osvName: "PyPI", parts: [1], separator: "/", normalise: pep503 },
    maven: { osvName: "Maven", parts: [2], separator: ":" },
    golang: { osvName: "Go", parts: [2, 3, 4, 5, 6], separator: "/" },
    cargo: { osvName: "crates.io", parts: [1], separator: "/" },
    nuget: { osvName: "NuGet", parts: [1], separator: "/" },
    gem: { osvName: "RubyGems", parts: [1], separator: "/" },
    composer: { osvName: "Packagist", parts: [2], separator: "/", normalise: lowerCase },
    hex: { osvName: "Hex", parts: [1], separator: "/", normalise: lowerCase },
    pub: { osvName: "Pub", parts: [1], separator: "/", normalise: lowerCase },
}

/** The normalised name of a Python project (PEP 503). */
function pep503(name: string): string {
    return name.replaceAll(/[-_.]+/g, "-").toLowerCase()
}

function lowerCase(name: string): string {
    return name.toLowerCase()
}

export const packageTypes: readonly string[] = Object.keys(ecosystems)

const textMax = 200
const segment = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** Parses a package URL. Returns null for another text, or an unknown ecosystem. */
export function packageUrl(text: string): PackageUrl | null {
    if (!(text.length <= textMax && text.startsWith("pkg:"))) return null
    const [type = "", ...segments] = text.slice(4).split("/")
    const ecosystem = Object.hasOwn(ecosystems, type) ? ecosystems[type] : undefined
    if (ecosystem === undefined || !ecosystem.parts.includes(segments.length)) return null
    const scoped = type === "npm" && segments.length === 2
    const plain = scoped ? [(segments[0] ?? "").replace(/^%40/, ""), ...segments.slice(1)] : segments
    if (scoped && !(segments[0] ?? "").startsWith("%40")) return null
    if (!plain.every((item) => segment.test(item))) return null
    const { normalise } = ecosystem
    if (normalise === undefined)
        return { text, ecosystem: ecosystem.osvName, name: `${scoped ? "@" : ""}${plain.join(ecosystem.separator)}` }
    const names = plain.map(normalise)
    return {
        text: `pkg:${type}/${names.join("/")}`,
        ecosystem: ecosystem.osvName,
        name: names.join(ecosystem.separator),
    }
}
