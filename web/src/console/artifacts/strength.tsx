/** Shows what an artifact's marks can distinguish before release: one leaker, and several who merge their copies. */
import type { Strength as Figures } from "../../../../server/src/share/marking/strength.ts"
import { Meter } from "../../kit/meter.tsx"
import { Loaded, Notice } from "../../kit/notice.tsx"
import { Facts, Section, Table } from "../../kit/table.tsx"
import type { Artifact } from "../answers.ts"
import { useRead } from "../api.ts"
import { t } from "../../messages/message.ts"

export function Strength({ artifact }: { artifact: Artifact }) {
    const found = useRead(`/api/artifacts/${artifact.id}/strength`)
    return (
        <Section title={t("Strength")}>
            <Loaded query={found}>
                {({ strength }) =>
                    strength === null ? (
                        <p className="soft">
                            {t("Files of this kind carry no marks: all recipients read the same text.")}
                        </p>
                    ) : (
                        <StrengthFigures strength={strength} />
                    )
                }
            </Loaded>
        </Section>
    )
}

function StrengthFigures({ strength }: { strength: Figures }) {
    const { recipients, errors, lastingSlots: lasting } = strength
    const [first] = errors
    return (
        <>
            {first !== undefined && (
                <ul className="strength">
                    <Measure
                        name={t("One whole copy leaked")}
                        value={
                            first.identifiableAmong >= recipients
                                ? t("identified among {recipients}", { recipients })
                                : t("one of {count}, not of {recipients}", {
                                      count: first.identifiableAmong,
                                      recipients,
                                  })
                        }
                        share={first.identifiableAmong / Math.max(1, recipients)}
                    />
                    {first.merged.map(({ colluders, needed, worth }) => (
                        <Measure
                            key={colluders}
                            name={
                                colluders === 1 ? t("Part of one copy") : t("{colluders} copies merged", { colluders })
                            }
                            value={t("{worth} of {needed} slots", { worth, needed })}
                            share={worth / Math.max(1, needed)}
                        />
                    ))}
                </ul>
            )}
            <Advice strength={strength} />
            <details className="folded">
                <summary>{t("Slots and error bounds")}</summary>
                <Facts
                    items={[
                        [
                            t("Slots"),
                            t(
                                "{slots}: {values, plural, one {# value} other {# values}}, " +
                                    "{wordings, plural, one {# wording} other {# wordings}}, " +
                                    "{orders, plural, one {# order} other {# orders}}",
                                {
                                    slots: strength.slots,
                                    values: lasting.value,
                                    wordings: lasting.wording,
                                    orders: lasting.order,
                                },
                            ),
                        ],
                        [t("Lost to a formatter"), lasting.fragile],
                        [t("Typography, not counted"), lasting.typography],
                        [t("Colluders"), t("{colluders}, as the author declared", { colluders: strength.colluders })],
                        [t("Partners with case access"), recipients],
                    ]}
                />
                <ErrorBounds strength={strength} />
            </details>
        </>
    )
}

interface MeasureProps {
    name: string
    value: string
    share: number
}

function Measure({ name, value, share }: MeasureProps) {
    const tone = share >= 1 ? "good" : share >= 0.5 ? "due" : "bad"
    return (
        <li>
            <span>{name}</span>
            <b className={tone === "due" ? "warn" : tone}>{value}</b>
            <Meter share={share} tone={tone} />
        </li>
    )
}

function ErrorBounds({ strength }: { strength: Figures }) {
    return (
        <Table
            caption={t("Identification by error bound")}
            rows={strength.errors}
            keyOf={({ alpha }) => String(alpha)}
            columns={[
                { name: t("Error bound"), cell: ({ alpha }) => alpha, end: true },
                {
                    name: t("A whole copy, among"),
                    cell: ({ identifiableAmong }) => amongText(identifiableAmong),
                    end: true,
                },
                {
                    name: t("Merged copies"),
                    cell: ({ merged }) =>
                        merged.map(({ colluders, needed, worth }) => (
                            <div key={colluders}>
                                {t("{colluders}: {worth} of {needed} slots", { colluders, worth, needed })}
                            </div>
                        )),
                },
            ]}
        />
    )
}

function amongText(among: number): string {
    if (among === 0) return t("none")
    return among > 1_000_000 ? t("over a million") : String(among)
}

const example = "{{either|or}}"

/** Advice at the error bound of a single leak. */
function Advice({ strength }: { strength: Figures }) {
    const [first] = strength.errors
    const merged = first?.merged.find(({ colluders }) => colluders === strength.colluders)
    const isTooFew = merged !== undefined && merged.worth < merged.needed
    if (first === undefined || (first.identifiableAmong >= strength.recipients && !isTooFew)) return null
    return (
        <Notice tone="due">
            {first.identifiableAmong < strength.recipients
                ? t(
                      "A whole copy may not identify its recipient: too few slots for this number of partners. The risk of a false identification stays the same. Add alternatives as {example}.",
                      { example },
                  )
                : t(
                      "{colluders, plural, one {From a part of one copy, the marks may not identify its recipient.} other {If # recipients merge their copies, the marks may identify neither.}} The risk of a false identification stays the same. Add alternatives as {example}.",
                      { colluders: strength.colluders, example },
                  )}
        </Notice>
    )
}
