/** The frame of the pages of a signed-out viewer: the content at the left, the promises of the program at the right. */
import type { ReactNode } from "react"
import { otherLanguage, otherLanguageCode, switchLanguage, t } from "../../messages/message.ts"
import { Icon } from "../layout/icon.tsx"

interface SignInFrameProps {
    title: string
    lead?: string
    children: ReactNode
}

export function SignInFrame({ title, lead, children }: SignInFrameProps) {
    return (
        <div className="sign-in">
            <div className="sign-in-form">
                <header className="sign-in-top">
                    <span className="brand">
                        <img src="/icon.svg" alt="" width="24" height="24" />
                        {t("Tocsin")}
                    </span>
                    <button type="button" className="link row" lang={otherLanguageCode} onClick={switchLanguage}>
                        <Icon name="globe" /> {otherLanguage}
                    </button>
                </header>
                <main className="sign-in-main">
                    <h1>{title}</h1>
                    {lead !== undefined && <p className="soft">{lead}</p>}
                    {children}
                </main>
            </div>
            <aside className="sign-in-side" aria-label={t("The program")}>
                <Rings />
                <p className="say">{t("Warn partners first. Prove every step.")}</p>
                <ul>
                    <li>
                        <Icon name="sign" /> {t("Every release takes two people.")}
                    </li>
                    <li>
                        <Icon name="log" /> {t("Every delivery is in the audit log before it starts.")}
                    </li>
                    <li>
                        <Icon name="clock" /> {t("All times are UTC.")}
                    </li>
                </ul>
            </aside>
        </div>
    )
}

/** From the inside out, as the waves are released. */
const rings = [
    { radius: 96, dots: 4, look: "early", name: t("Validate") },
    { radius: 186, dots: 7, look: "early", name: t("Advance") },
    { radius: 276, dots: 10, look: "late", name: t("Entry") },
    { radius: 366, dots: 0, look: "public", name: t("Publication") },
] as const

const bottom = 400

/** The waves around the bell, as a picture. */
function Rings() {
    return (
        <svg className="rings" viewBox="-26 24 440 404" aria-hidden="true">
            {rings.map(({ radius, dots, look, name }) => (
                <g key={radius} className={look}>
                    <path d={`M0 ${bottom - radius}A${radius} ${radius} 0 0 1 ${radius} ${bottom}`} />
                    {Array.from({ length: dots }, (_, n) => {
                        const angle = ((n + 0.5) / dots) * (Math.PI / 2)
                        const [x, y] = [radius * Math.sin(angle), bottom - radius * Math.cos(angle)]
                        return <circle key={n} cx={x.toFixed(1)} cy={y.toFixed(1)} r="4.5" />
                    })}
                    <text x={radius} y={bottom + 22} textAnchor="middle">
                        {name}
                    </text>
                </g>
            ))}
            <image href="/icon.svg" x="-24" y="376" width="48" height="48" />
        </svg>
    )
}
