/** Weighs the leaks of an inquiry together. */
import { useLook } from "../../api.ts"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Section } from "../../../kit/table.tsx"
import { Bars, RankingList } from "../evidence/evidence-chart.tsx"

export function LeaksTogether({ inquiry }: { inquiry: string }) {
    const found = useLook(`/api/inquiries/${inquiry}/leaks`)
    return (
        <Section title="Its leaks combined">
            <Loaded query={found}>
                {(leaks) =>
                    leaks.leaks === 0 ? (
                        <Empty title="No leak of this inquiry says anything of anybody." />
                    ) : (
                        <>
                            <p className="caution">
                                Leaks of different versions multiply; those of one version count once, by their mean. It
                                holds where all leaks were brought in that there are, whichever way they point, and it
                                names copies, not culprits.
                            </p>
                            <Bars subject={leaks} alpha={leaks.alpha} />
                            <RankingList subject={leaks} alpha={leaks.alpha} />
                        </>
                    )
                }
            </Loaded>
        </Section>
    )
}
