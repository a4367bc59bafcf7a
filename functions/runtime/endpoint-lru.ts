/**
 * Stands in for `mnemonist/lru-cache` when a function is bundled: the AWS SDK keeps endpoints there
 * that it discovered, which it does only where asked to, and none of our clients is; the library is
 * 5 kB of every bundle.
 */
export default class EndpointLru<Value> extends Map<string, Value> {
  constructor(_capacity: number) {
    super();
  }
  peek(key: string): Value | undefined {
    return this.get(key);
  }
}
