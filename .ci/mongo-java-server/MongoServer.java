import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** MongoDB's protocol from memory, for tests: java -cp 'lib/*' MongoServer.java 127.0.0.1 27017 */
class MongoServer {
  /** It does more than the version it reports by itself, which drivers of today refuse. */
  static final MongoVersion REPORTED = new MongoVersion() {
    public List<Integer> getVersionArray() { return List.of(5, 0, 0); }
    public String toVersionString() { return "5.0.0"; }
    public int getWireVersion() { return 13; }
  };

  public static void main(String[] address) {
    var server = new de.bwaldvogel.mongo.MongoServer(new MemoryBackend().version(REPORTED));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.bind(address[0], Integer.parseInt(address[1]));
  }
}
