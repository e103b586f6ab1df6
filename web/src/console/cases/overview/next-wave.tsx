/** The next wave of a case: what it gives to which partners, and what is ready. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { Distance, When } from "../../../kit/instant.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import type { Case, Wave } from "../../answers.ts"
import { useNow } from "../../artifacts/viewer.tsx"
import { Checks } from "../../release/waves/signature-card.tsx"
import { useReadiness, useWaveEffects, useWaveRequests } from "../../release/waves/wave-reads.ts"
import { tierNames, waveWords } from "../../words.ts"
import { useWaves } from "../case-reads.ts"
import { rich, t } from "../../../messages/message.ts"

/** Returns the next unreleased wave with an instant; null: none. */
export function nextOf(waves: readonly Wave[]): Wave | null {
    const ahead = waves.filter(
        ({ releasedAt, at, state }) => releasedAt === null && at !== null && state !== "cancelled",
    )
    return ahead.toSorted((a, b) => parseInstant(a.at ?? "") - parseInstant(b.at ?? ""))[0] ?? null
}

export function NextWave({ subject }: { subject: Case }) {
    const now = useNow()
    const wave = nextOf(useWaves(subject.id).data?.waves ?? [])
    const checks = useReadiness(subject.id, wave)
    if (wave === null || wave.at === null) return null
    const { name, tone } = waveWords[wave.state]
    return (
        <Section
            title={t("Next: the {tier} wave", { tier: tierNames[wave.tier] })}
            aside={
                <>
                    <Badge tone={tone}>{name}</Badge>
                    <span>
                        <When at={wave.at} short />, <Distance at={wave.at} now={now} />
                    </span>
                </>
            }
        >
            <div className="panel pad">
                <Gives wave={wave} />
                {checks !== null && (
                    <div className="ready">
                        <Checks checks={checks} />
                    </div>
                )}
                <div className="row">
                    <Link to={`/cases/${subject.id}/release/${wave.id}`} className="button plain">
                        {t("Review effects")}
                    </Link>
                </div>
            </div>
        </Section>
    )
}

function Gives({ wave }: { wave: Wave }) {
    const effects = useWaveEffects(wave).data
    const { current } = useWaveRequests(wave.id)
    if (effects === undefined) return <p className="muted">{t("Loading the effects…")}</p>
    const { recipients, artifacts } = effects
    if (recipients.length === 0) return <p>{t("No partner gets anything new by this wave.")}</p>
    return (
        <p>
            {rich(
                "Gives <b>{artifacts, plural, one {# artifact} other {# artifacts}}</b> to " +
                    "<b>{partners, plural, one {# partner} other {# partners}}</b>.",
                { artifacts: artifacts.length, partners: recipients.length, b: (text) => <b>{text}</b> },
            )}{" "}
            {current !== null &&
                rich("Requested by {person} on {when}.", {
                    person: current.requestedBy.name,
                    when: <When at={current.requestedAt} short />,
                })}
        </p>
    )
}
