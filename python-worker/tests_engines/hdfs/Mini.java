import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/**
 * A NameNode and a DataNode with WebHDFS: java Mini.java FOLDER RPC_PORT HTTP_PORT new|again.
 * "again" starts on what is in the folder, as after a crash. Prints "ready" and lives until killed.
 */
public class Mini {
  public static void main(String[] arguments) throws Exception {
    Configuration conf = new HdfsConfiguration();
    conf.set("hdfs.minidfs.basedir", arguments[0]);
    conf.setBoolean("dfs.permissions.enabled", true);
    // A block is reported at once after a start, so that safe mode ends soon.
    conf.setInt("dfs.namenode.safemode.extension", 0);
    conf.setInt("dfs.replication", 1);

    MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(conf)
            .numDataNodes(1)
            .nameNodePort(Integer.parseInt(arguments[1]))
            .nameNodeHttpPort(Integer.parseInt(arguments[2]))
            .format(arguments[3].equals("new"))
            .manageNameDfsDirs(true)
            .manageDataDfsDirs(true)
            .build();
    cluster.waitActive();
    System.out.println("ready");
    Thread.sleep(Long.MAX_VALUE);
  }
}
