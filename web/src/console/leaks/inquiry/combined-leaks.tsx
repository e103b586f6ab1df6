/** The evidence of all leaks of an inquiry for each copy. */
import { useLook } from "../../api.ts"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Section } from "../../../kit/table.tsx"
import { EvidencePerCopy } from "../evidence/evidence-chart.tsx"
import { t } from "../../../messages/message.ts"

export function LeaksTogether({ inquiry }: { inquiry: string }) {
    const found = useLook(`/api/inquiries/${inquiry}/leaks`)
    return (
        <Section title={t("Evidence per copy")}>
            <Loaded query={found}>
                {(leaks) =>
                    leaks.leaks === 0 ? (
                        <Empty title={t("No leak of this inquiry fits a copy.")}>
                            {t("Add a leaked text: Tocsin compares it with each copy.")}
                        </Empty>
                    ) : (
                        <>
                            <EvidencePerCopy subject={leaks} alpha={leaks.alpha} />
                            <p className="caution">
                                {t(
                                    "{leaks, plural, one {# leak counts.} other {# leaks count.}} Leaks of different versions multiply; leaks of one version count once, by their mean. The result is valid only if all known leaks were added, whichever way they point.",
                                    { leaks: leaks.leaks },
                                )}
                            </p>
                        </>
                    )
                }
            </Loaded>
        </Section>
    )
}
