/** Reads the parameters of a page's address. */
import { useParams } from "@tanstack/react-router"

export function useParam(name: string): string {
    const params: unknown = useParams({ strict: false })
    return (params as Readonly<Record<string, string | undefined>>)[name] ?? ""
}
