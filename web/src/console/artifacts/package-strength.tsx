/** The strength of the package: the marks of all artifacts that a partner gets of a case. */
import { Meter } from "../../kit/meter.tsx"
import { Failed } from "../../kit/notice.tsx"
import { Section } from "../../kit/table.tsx"
import { useMayRead } from "./viewer.tsx"
import { type Package, type PackageStrength, reachOf } from "./package.ts"
import { t } from "../../messages/message.ts"

export function usePackages(caseId: string) {
    return useMayRead("artifact:read", `/api/cases/${caseId}/package-strength`)
}

export function PackageFigures({ query: { data, error } }: { query: ReturnType<typeof usePackages> }) {
    if (data === undefined && error === null) return null
    return (
        <Section title={t("Package strength")}>
            <Failed error={error} />
            {data !== undefined && <Packages strength={data} />}
        </Section>
    )
}

function Packages({ strength }: { strength: PackageStrength }) {
    const [widest, ...smallerPackages] = strength.packages
    if (widest === undefined)
        return <p className="soft">{t("No partner gets an artifact of this case before publication.")}</p>
    return (
        <>
            <p className="package-slots">
                <b>{widest.slots}</b>
                <span className="soft small">
                    {t("{slots, plural, one {slot} other {slots}} in {files, plural, one {# file} other {# files}}", {
                        slots: widest.slots,
                        files: widest.artifacts.length,
                    })}
                </span>
            </p>
            <PackageMeter widest={widest} />
            <p className="soft small">{reachSentence(widest, strength)}</p>
            <p className="soft small">{nextSentence(widest)}</p>
            {smallerPackages.length > 0 && (
                <details className="folded small">
                    <summary>
                        {t("{count, plural, one {# smaller package} other {# smaller packages}}", {
                            count: smallerPackages.length,
                        })}
                    </summary>
                    <ul className="package-others">
                        {smallerPackages.map((smaller) => (
                            <li key={smaller.artifacts.join(" ")}>{smallerSentence(smaller)}</li>
                        ))}
                    </ul>
                </details>
            )}
        </>
    )
}

function PackageMeter({ widest }: { widest: Package }) {
    const { reached, next } = reachOf(widest)
    const share = next === null ? 1 : next.worth / Math.max(1, next.needed)
    return <Meter share={share} tone={reached === null ? "bad" : "good"} />
}

/** Like "1 in 1,000,000". */
const chanceText = (alpha: number): string => t("1 in {count, number}", { count: Math.round(1 / alpha) })

function reachSentence(widest: Package, { recipients, alpha }: PackageStrength): string {
    const { reached } = reachOf(widest)
    const values = { partners: recipients, chance: chanceText(alpha) }
    if (reached === null)
        return t(
            "The marks identify no copy among {partners, plural, one {# partner} other {# partners}} at an error of {chance}.",
            values,
        )
    return t(
        "The marks identify {colluders, plural, one {a whole copy} other {one of # colluders}} among {partners, plural, one {# partner} other {# partners}} at an error of {chance}. This needs {needed, number} slots of two forms. The slots of this package count as {worth, number}.",
        { ...values, ...reached },
    )
}

/** A slot with more than two forms counts for more than one. */
function nextSentence(found: Package): string {
    const { next } = reachOf(found)
    if (next === null) return t("No more colluders can be declared.")
    return t(
        "{colluders, plural, one {To identify a whole copy} other {To identify one of # colluders}}, the package needs {needed, number} slots of two forms.",
        next,
    )
}

function smallerSentence(smaller: Package): string {
    return t(
        "{partners, plural, one {# partner} other {# partners}}: {files, plural, one {# file} other {# files}}, {slots, plural, one {# slot} other {# slots}}, identifies {colluders, plural, =0 {no copy} one {a whole copy} other {one of # colluders}}",
        {
            partners: smaller.partners,
            files: smaller.artifacts.length,
            slots: smaller.slots,
            colluders: reachOf(smaller).reached?.colluders ?? 0,
        },
    )
}
