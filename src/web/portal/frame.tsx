/** The frame around every portal screen. In a standing that reaches no cases, letters and the own status are all there is. */
import { Outlet } from "@tanstack/react-router"
import { reachesCases } from "../../trust/partners/partner.ts"
import { Frame, SignedOut, isSignedOut, useLive } from "../kit/app.tsx"
import { useRead, write } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Loaded, Notice } from "../kit/notice.tsx"
import type { Me } from "./answers.ts"
import { Viewer, useLetters } from "./viewer.ts"

export function SignedInFrame() {
    const me = useRead<Me>("/api/me")
    useLive(me.data !== undefined)
    if (isSignedOut(me.error)) return <SignedOut />
    return <Loaded of={me}>{(viewer) => <Signed viewer={viewer} />}</Loaded>
}

function Signed({ viewer }: { viewer: Me }) {
    const letters = useLetters().data?.letters ?? []
    const unanswered = letters.filter((one) => one.answer === null && one.about.endedAt === null).length
    const nav = [
        ...(reachesCases(viewer.partner.standing) ? [{ to: "/", name: "Warnings", under: "/warnings/" }] : []),
        { to: "/letters", name: "Letters", count: unanswered },
        { to: "/organisation", name: "My organisation" },
    ]
    const header = (
        <>
            <span className="person">
                <strong>{viewer.partner.name}</strong>
                <span className="muted">
                    {viewer.person.name}, {viewer.person.roles.join(", ")}
                </span>
            </span>
            <Button look="quiet" onPress={() => void signOut()}>
                Sign out
            </Button>
        </>
    )
    return (
        <Viewer value={viewer}>
            <Frame side="portal" nav={nav} header={header}>
                <Standing of={viewer} />
                <Outlet />
            </Frame>
        </Viewer>
    )
}

function Standing({ of: { partner } }: { of: Me }) {
    if (!reachesCases(partner.standing)) {
        return (
            <Notice tone="bad">
                <span>
                    Your organisation is <strong>{partner.standing}</strong>: warnings are not within reach now. Your
                    letters, your answers and your own status are.
                </span>
            </Notice>
        )
    }
    if (partner.agreement !== "accepted") {
        return (
            <Notice tone="due">
                <span>
                    The agreement is {partner.agreement === "lapsed" ? "lapsed" : "not accepted yet"}: content waits
                    until your lead accepts its newest version under “My organisation”.
                </span>
            </Notice>
        )
    }
    return null
}

async function signOut(): Promise<void> {
    await write({ method: "DELETE", path: "/api/session" }).catch(() => undefined)
    window.location.replace("/")
}
